"""`relay calls` lists the journal of calls to Upsales."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

import click

from worker.admin import source_calls as source_filters
from worker.admin.call_filters import STATES, CallFilters, clauses, found
from worker.cli import follow as following
from worker.cli.context import Installation, pass_installation
from worker.cli.follow import Changes
from worker.cli.options import connection_option, follow_option, limit_option, since_option, until_option
from worker.cli.output import json_option, show
from worker.cli.selection import our_id
from worker.cli.source_calls import COLUMNS as SOURCE_COLUMNS
from worker.cli.source_calls import SourceTail
from worker.cli.source_calls import rows as source_rows
from worker.errors import ConfigError, did_you_mean
from worker.plan import RESOURCES
from worker.store import Store
from worker.store.ledger import journal, recent
from worker.store.ledger.call_pages import Place
from worker.store.ledger.journal import Call

CALL_COLUMNS = (
    "started", "connection", "method", "resource", "record", "state", "status", "seconds", "event", "why", "changed", "error",
)  # fmt: skip
FINGERPRINT = re.compile(r"[0-9a-f]{12}")
RECORD = re.compile(r"[0-9]{1,18}")


@click.command()
@connection_option
@click.option("--event", metavar="ID", help="Only those made for this event, by its id or its sender's.")
@click.option("--resource", metavar="RESOURCE", help="Only those to this resource: account, contact, order …")
@click.option("--record", metavar="RECORD", help="Only those about this Upsales record: account/4711, or its id.")
@click.option("--key", metavar="FINGERPRINT", help="Only those made with this API key, see `relay keys list`.")
@click.option("--state", type=click.Choice(STATES), help="Only those in this state.")
@click.option("--status", type=int, metavar="HTTP", help="Only those that were answered with this HTTP status: 400.")
@click.option("--sources", is_flag=True, help="Those to senders' APIs instead: what was read there.")
@since_option
@until_option
@limit_option
@follow_option
@json_option
@pass_installation
def calls(
    installation: Installation,
    *,
    connection: str | None,
    event: str | None,
    resource: str | None,
    record: str | None,
    key: str | None,
    state: str | None,
    status: int | None,
    sources: bool,
    since: datetime | None,
    until: datetime | None,
    limit: int,
    follow: bool,
    as_json: bool,
) -> None:
    """List the calls to Upsales, the newest first: what was asked, by which connection, for which event.

    With --follow each call is shown when its outcome is known.
    """
    if follow and until is not None:
        raise ConfigError("--follow goes on for ever: leave --until out")
    if key is not None and not FINGERPRINT.fullmatch(key):
        raise ConfigError("--key: that is no fingerprint; `relay keys list` shows them")
    event = event and our_id(installation, event)
    if sources:
        if resource is not None or record is not None or state is not None:
            raise ConfigError("--sources: what was read of a sender has no --resource, --record or --state")
        read = source_filters.Filters(
            connection=_given(connection), key=_given(key), event=_given(event), status=_given(status)
        )
        _show_readings(installation, read, since, until, limit, follow=follow, as_json=as_json)
        return
    wanted = CallFilters(
        connection=_given(connection),
        key=_given(key),
        state=_given(state),
        resource=_given(resource),
        record=_given(_record(record, resource)),
        event=_given(event),
        status=_given(status),
    )
    tail = CallTail(installation.store, wanted) if follow else None
    within = replace(wanted, since=_moment(since), until=_moment(until))
    with installation.store.read() as conn:
        listed = found(conn, within, Place(limit)).calls
    if tail:
        following.follow(call_rows(listed[::-1]), lambda: call_rows(tail.news()), CALL_COLUMNS, as_json=as_json)
        return
    if not listed and connection is not None:
        installation.connection(connection)
    show(call_rows(listed), CALL_COLUMNS, as_json=as_json, empty="No calls.")


def _show_readings(
    installation: Installation,
    wanted: source_filters.Filters,
    since: datetime | None,
    until: datetime | None,
    limit: int,
    *,
    follow: bool,
    as_json: bool,
) -> None:
    tail = SourceTail(installation.store, wanted) if follow else None
    with installation.store.read() as conn:
        within = replace(wanted, since=_moment(since), until=_moment(until))
        listed = source_filters.found(conn, within, Place(limit))
    if tail:
        following.follow(source_rows(listed[::-1]), lambda: source_rows(tail.news()), SOURCE_COLUMNS, as_json=as_json)
        return
    for name in () if listed else wanted.connection:
        installation.connection(name)
    show(source_rows(listed), SOURCE_COLUMNS, as_json=as_json, empty="Nothing was read.")


class CallTail:
    """The calls whose outcome became known, or became another, since it was made."""

    def __init__(self, store: Store, wanted: CallFilters) -> None:
        self._store, self._open_too = store, "open" in wanted.state
        with store.read() as conn:
            self._wanted = clauses(conn, wanted)
            self._changes = Changes(recent.states(conn, self._wanted))

    def news(self) -> Sequence[Call]:
        with self._store.read() as conn:
            states = recent.states(conn, self._wanted)
            gone = self._changes.unsettled - states.keys()
            changed = self._changes.new({**states, **recent.states_of(conn, gone)})
            return [call for call in journal.by_id(conn, changed) if self._open_too or call.state != "open"]


def _given(value: str | int | None) -> tuple[str, ...]:
    return () if value is None else (str(value),)


def _moment(at: datetime | None) -> tuple[str, ...]:
    return () if at is None else (at.isoformat(),)


def _record(text: str | None, resource: str | None) -> str | None:
    if text is None:
        return None
    named, _, number = text.rpartition("/")
    if not RECORD.fullmatch(number):
        raise ConfigError(f"--record {text}: write account/4711, or only the id")
    if named and named not in RESOURCES:
        raise ConfigError(f"--record {text}: no such resource; {did_you_mean(named, RESOURCES)}")
    return text if named or resource not in RESOURCES else f"{resource}/{number}"


def call_rows(calls: Sequence[Call]) -> list[dict[str, Any]]:
    return [
        {
            "id": call.id,
            "started": call.started_at,
            "connection": call.connection,
            "account": call.account,
            "key": call.fingerprint,
            "method": call.method,
            "resource": call.resource,
            "record": call.record_id,
            "state": call.state,
            "status": call.status,
            "seconds": None if call.duration is None else round(call.duration, 3),
            "event": call.event,
            "why": f"{call.event_type} {call.subject}" if call.event_type else None,
            "error": call.error,
            "changed": call.changed,
            "trace_id": call.trace_id,
        }
        for call in calls
    ]
