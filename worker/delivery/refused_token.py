"""Pauses a connection whose token its sender refuses, and tries it again."""

from __future__ import annotations

from contextlib import suppress

import structlog

from worker.delivery.asking import NoAddress, Question, Readers, ask
from worker.delivery.planning import StoredRequests
from worker.errors import Rejected, SourceForbidden, TooEarly
from worker.sdk.read import BadBody
from worker.sdk.source import OAuth2
from worker.settings import Connection
from worker.store import Store
from worker.store.db.clock import now
from worker.store.events import events
from worker.store.lanes import connections
from worker.store.lanes.connections import SOURCE

PROBE_FIRST = 5.0
"""Seconds from a refused token to the first question whether it is accepted again."""
LOOKED_AT = 100
"""Waiting events among which the probe looks for one that needs to have something read."""

log = structlog.get_logger()


def pause_for_source(store: Store, connection: Connection, failure: SourceForbidden, *, probe_in: float | None) -> None:
    reason = told(connection, failure)
    if connections.pause(store, connection.name, reason, probe_in=probe_in, by=SOURCE):
        log.error("connection paused", connection=connection.name, reason=reason)


def mended_by(connection: Connection) -> str:
    """The command that gives it another token."""
    source = connection.connector.source
    granted = source is not None and isinstance(source.sign, OAuth2) and source.sign.grant == "refresh_token"
    return f"relay connections authorize {connection.name}" if granted else f"relay keys set {connection.name} --token"


def told(connection: Connection, failure: SourceForbidden) -> str:
    """What is wrong, and what to do."""
    todo = mended_by(connection)
    said = str(failure)
    hint = "" if todo in said or isinstance(failure, NoAddress) else f": `{todo}`"
    return f"the API of {connection.connector.title}: {said}{hint}"


def probe(store: Store, readers: Readers, connection: Connection) -> None:
    """Read what the oldest waiting event needs. Raises what says that the token is refused, or that nobody can tell yet.

    Nothing is stored. Where no event needs anything, the next one tells.
    """
    question = _question(store, connection)
    if question is None:
        return
    # Whatever it says of the thing, the token was good enough to be told.
    with suppress(TooEarly, Rejected):
        ask(readers, question)


def _question(store: Store, connection: Connection) -> Question | None:
    with store.read() as conn:
        waiting = events.oldest_waiting(conn, connection.name, LOOKED_AT)
        at = now(conn)
    requests = StoredRequests(store, connection.connector, waiting)
    for event in waiting:
        with suppress(Rejected, BadBody):
            if (wanted := requests.wanted(event)) is not None:
                return Question(connection, wanted[0].kind, wanted[1], event, at)
    return None
