"""Decides who may begin the create of a key, and whom it keeps waiting."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Connection, Row

from worker.errors import Busy
from worker.plan import Key, QualifiedKey
from worker.store.ledger import identities, links, rechecks, write_calls
from worker.store.ledger.write_calls import as_resource
from worker.sync.records import CallState, LinkState, OpenWrite
from worker.sync.waits import next_try

SHORTEST_WAIT = 0.1


def find(conn: Connection, connection: str, key: Key) -> tuple[Row[Any] | None, OpenWrite | None]:
    """The key's link, and the call that is to make its record."""
    link, open_write = _find(conn, connection, key)
    if begun(link) is not None and open_write is None:
        # It ended between the two questions.
        return _find(conn, connection, key)
    return link, open_write


def begun(link: Row[Any] | None) -> str | None:
    """The call that is to make the key's record."""
    return link.call_id if link is not None and link.state == LinkState.CREATING else None


def given_up(conn: Connection, link: Row[Any] | None, record_id: int | None) -> str | None:
    """The key's create whose answer nobody waits for any more. Raises Busy while somebody does, or when it just told of another record."""
    open_write = None if begun(link) is None else write_calls.open_write(conn, begun(link))
    if link is None or open_write is None:
        return None
    if open_write.state is CallState.OPEN and open_write.remaining > 0:
        raise Busy(f"the {link.resource} is being made by another worker", seconds=next_try(open_write.age))
    if open_write.record_id not in (None, record_id):
        raise Busy(f"the {link.resource} was just made by another worker", seconds=SHORTEST_WAIT)
    return open_write.id


def reserve(
    conn: Connection, account: int, connection: str, key: Key, where: identities.Place, known: dict[Any, int | None]
) -> None:
    """`known`: what was answered at look-up. Raises Busy when the value is being made, or was made since."""
    taken = identities.reserve(conn, account, where, connection, key)
    if taken is None:
        return
    if taken.record_id is None:
        raise Busy(f"{maker(taken)} is being made with the same {where[0]}", seconds=_wait(conn, taken))
    # A record that was known at look-up was not found to be the one meant; it keeps the value.
    if known.get((key.resource, where), taken.record_id) != taken.record_id:
        raise Busy(f"the {key.resource} with this {where[0]} was just made", seconds=SHORTEST_WAIT)


def maker(reservation: Row[Any]) -> QualifiedKey:
    """Whose create holds the reservation."""
    return QualifiedKey(reservation.connection, as_resource(reservation.resource), reservation.key)


def undecided(conn: Connection, reservation: Row[Any]) -> QualifiedKey | None:
    """Whose create holds the reservation, if that waits for a person."""
    whose = maker(reservation)
    waits = rechecks.undecided(conn, begun(links.find(conn, whose.connection, whose.key)))
    return whose if waits else None


def _find(conn: Connection, connection: str, key: Key) -> tuple[Row[Any] | None, OpenWrite | None]:
    link = links.find(conn, connection, key)
    return link, None if begun(link) is None else write_calls.open_write(conn, begun(link))


def _wait(conn: Connection, reservation: Row[Any]) -> float:
    """When to see again whether the create that holds the reservation has ended."""
    key = Key(as_resource(reservation.resource), reservation.key)
    _, open_write = _find(conn, reservation.connection, key)
    return SHORTEST_WAIT if open_write is None else next_try(open_write.age)
