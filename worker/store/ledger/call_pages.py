"""Reads the journal of calls a page at a time, the newest first, from any place on."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, Connection, and_, func, literal, or_, select, true

from worker.plan import RESOURCES
from worker.store.db.tables import calls, connections
from worker.store.ledger import journal
from worker.store.ledger.journal import Call

TOGETHER = 500


@dataclass(frozen=True, slots=True)
class Spot:
    """One call's place in the list."""

    at: datetime
    id: str


@dataclass(frozen=True, slots=True)
class Place:
    """What lies `after` is newer than it, what lies `before` is older. At most one of them is set; neither: the newest."""

    limit: int
    after: Spot | None = None
    before: Spot | None = None


@dataclass(frozen=True, slots=True)
class Slice:
    """`older`, `newer`: from where on there is more."""

    calls: Sequence[Call]
    older: Spot | None
    newer: Spot | None


def page(conn: Connection, wanted: Sequence[ColumnElement[bool]], place: Place, *, apart: bool = True) -> Slice:
    """`apart`: settled and unsettled calls are asked for apart, as they have an index each; not where another index has what is wanted."""
    spots = _spots(conn, _parts(wanted, apart=apart), place)
    more, spots = len(spots) > place.limit, spots[: place.limit]
    if place.after is not None:
        spots.reverse()
    older = more if place.after is None else bool(spots)
    newer = more if place.after is not None else place.before is not None
    found = {
        call.id: call
        for start in range(0, len(spots), TOGETHER)
        for call in journal.by_id(conn, [spot.id for spot in spots[start : start + TOGETHER]])
    }
    # Upkeep may have deleted one since.
    listed = [found[spot.id] for spot in spots if spot.id in found]
    return Slice(listed, spots[-1] if older and spots else None, spots[0] if newer and spots else None)


def count(conn: Connection, wanted: Sequence[ColumnElement[bool]], most: int, *, apart: bool = True) -> int:
    """No further than one more than `most`."""
    number = 0
    for part in _parts(wanted, apart=apart):
        some = select(literal(1)).select_from(calls).where(*part).limit(most + 1 - number).subquery()
        number += conn.execute(select(func.count()).select_from(some)).scalar_one()
    return number


def of_record(conn: Connection, account: int, resource: str, record_id: int) -> ColumnElement[bool]:
    """A read is journalled without its account: it counts if its connection is bound to that."""
    bound = select(connections.c.name).where(connections.c.account == account)
    names = list(conn.execute(bound).scalars())
    unnamed = and_(calls.c.account.is_(None), calls.c.connection.in_(names))
    here = or_(calls.c.account == account, unnamed)
    return and_(here, calls.c.resource == resource, calls.c.record_id == record_id)


def about(conn: Connection, resource: str | None, record_id: int) -> ColumnElement[bool]:
    """Of every account, as the index begins with it. Without a resource: of each."""
    here = or_(calls.c.account.is_(None), calls.c.account.in_(_accounts(conn)))
    of_resource = calls.c.resource.in_(RESOURCES) if resource is None else calls.c.resource == resource
    return and_(here, of_resource, calls.c.record_id == record_id)


def _parts(wanted: Sequence[ColumnElement[bool]], *, apart: bool) -> Sequence[Sequence[ColumnElement[bool]]]:
    halves = (calls.c.verify_at.is_(None), calls.c.verify_at.is_not(None)) if apart else (true(),)
    return [(half, *wanted) for half in halves]


def _accounts(conn: Connection) -> list[int]:
    """All in which something was called: one step in the index for each."""
    found: list[int] = []
    while True:
        further = [calls.c.account > found[-1]] if found else [calls.c.account.is_not(None)]
        account = conn.execute(select(func.min(calls.c.account)).where(*further)).scalar_one()
        if account is None:
            return found
        found.append(account)


def _spots(conn: Connection, parts: Sequence[Sequence[ColumnElement[bool]]], place: Place) -> list[Spot]:
    """One more than a page, in the order in which they are walked."""
    found: list[Spot] = []
    order = (calls.c.started_at, calls.c.id)
    for wanted in parts:
        statement = select(*order).where(*wanted).limit(place.limit + 1)
        if place.after is not None:
            statement = statement.where(_beyond(place.after, newer=True)).order_by(*order)
        else:
            statement = statement.order_by(*(column.desc() for column in order))
        if place.before is not None:
            statement = statement.where(_beyond(place.before, newer=False))
        found += [Spot(*row) for row in conn.execute(statement)]
    found.sort(key=lambda spot: (spot.at, spot.id), reverse=place.after is None)
    return found[: place.limit + 1]


def _beyond(spot: Spot, *, newer: bool) -> ColumnElement[bool]:
    """An index takes the first half."""
    if newer:
        return and_(calls.c.started_at >= spot.at, or_(calls.c.started_at > spot.at, calls.c.id > spot.id))
    return and_(calls.c.started_at <= spot.at, or_(calls.c.started_at < spot.at, calls.c.id < spot.id))
