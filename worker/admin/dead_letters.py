"""Shows dead letters in groups, each with what can be done to all of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Final

from sqlalchemy import Connection

from worker.admin import filters as grammar
from worker.admin.filters import Filters
from worker.admin.known import PATIENCE, Known, ask
from worker.admin.masking import Masking
from worker.logs.machine_names import type_name
from worker.logs.reasons import words
from worker.store import Store
from worker.store.db.clock import now
from worker.store.events import dead_letters
from worker.store.events.chosen import NO_CODE
from worker.store.events.dead_letters import Group
from worker.store.people import audit
from worker.store.people.audit import Deed

MOST_DAYS: Final = 30
NARROWED_BY: Final = ("connection", "type", "reason")


@dataclass(frozen=True, slots=True)
class Day:
    """As `2026-11-24`, in UTC."""

    day: str
    count: int


@dataclass(frozen=True, slots=True)
class DeadGroup:
    """`reason`: the code. `words`: what it means; `example`: what was said of the newest, `event`. `days`: the last ones, today at the end."""

    reason: str
    words: str
    connection: str
    type: str
    count: int
    first: datetime
    last: datetime
    days: Sequence[Day]
    example: str | None
    event: str

    @property
    def filters(self) -> Filters | None:
        """Which list has these, and no others. None where the type may name somebody: that stands in no address."""
        if type_name(self.type) != self.type:
            return None
        return Filters(fate=("dead",), reason=(self.reason,), connection=(self.connection,), type=(self.type,))


@dataclass(frozen=True, slots=True)
class DeadGroups:
    """`count`: of all dead letters in them. `last_dropped`: the last time that a person gave one up."""

    data: Sequence[DeadGroup]
    count: int
    last_dropped: Deed | None


def groups(store: Store, wanted: Filters, patience: float = PATIENCE) -> Known[DeadGroups]:
    """Of `wanted` connection, type and reason count."""
    return ask(store, lambda conn: _groups(conn, wanted), patience)


def _groups(conn: Connection, wanted: Filters) -> DeadGroups:
    at = now(conn)
    found = dead_letters.groups(conn, grammar.chosen(replace(wanted, fate=()), at))
    dropped = audit.listed(conn, act="drop", limit=1)
    return DeadGroups(
        data=[_shown(group, at.date()) for group in found],
        count=sum(group.count for group in found),
        last_dropped=dropped[0] if dropped else None,
    )


def _shown(group: Group, today: date) -> DeadGroup:
    since = max(min(group.days), today - timedelta(days=MOST_DAYS - 1))
    days = [since + timedelta(days=n) for n in range((today - since).days + 1)]
    masking = Masking()
    return DeadGroup(
        reason=group.code or NO_CODE,
        words=words(group.code),
        connection=group.connection,
        type=masking.type(group.type),
        count=group.count,
        first=group.first,
        last=group.last,
        days=[Day(day.isoformat(), group.days.get(day, 0)) for day in days],
        example=masking.sentence(group.reason),
        event=group.event,
    )
