"""Does to one event what a person decides: replay, drop, urgent, hold, release, ask now."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final, Literal, TypeAlias, get_args

from sqlalchemy import Connection, Row, func, select

from worker.admin.events import Row as Event
from worker.admin.events import row_of
from worker.admin.known import PATIENCE, Known, ask
from worker.admin.refusals import Conflict, NotThere
from worker.store import Store
from worker.store.batches.rows import REPLAYS
from worker.store.db.statuses import WELL
from worker.store.db.tables import events
from worker.store.events import replay, urgency
from worker.store.events.events import pending_in, show
from worker.store.lanes import connections, holds
from worker.store.people import audit
from worker.store.people.audit import Actor

Act: TypeAlias = Literal["replay", "refetch", "drop", "urgent", "hold", "release", "ask-now"]
ACTS: Final[tuple[Act, ...]] = get_args(Act)
MOST_COUNTED: Final = 1_000


@dataclass(frozen=True, slots=True)
class Acted:
    """The event as it stands now; of a replay of what was delivered, the new one. `audit`: None if it was so already."""

    event: Event
    audit: int | None


@dataclass(frozen=True, slots=True)
class Outlook:
    """What an act would do. `can_not`: why it can't be done as the event stands. `behind`: how many wait in the event's lane after it."""

    event: Event
    act: Act
    will: str
    can_not: str | None
    behind: int
    paused: str | None


def act(store: Store, actor: Actor, wanted: Act, event: str, why: str | None) -> Acted:
    """In one transaction with its audit. What is so already is left, and leaves no second trace. Raises NotThere, Conflict."""
    with store.write() as conn:
        row = replay.locked(conn, event)
        if row is None:
            raise NotThere(f"There is no event {event}.")
        refusal = _refusal(wanted, row.status)
        if refusal is not None and not _is_so(wanted, row):
            raise Conflict(f"Event {event} is {_fate(row)}: {refusal}")
        changed = None if _is_so(wanted, row) else _DEEDS[wanted](conn, row, why or "")
        # Waits for nobody, so that the counters are not locked for long.
        number = None if changed is None else audit.record(conn, actor, wanted, f"event/{event}", why=why)
        found = show(conn, changed or _stands(conn, wanted, row))
        assert found is not None, "its row is locked"
        return Acted(row_of(found), number)


def outlook(store: Store, wanted: Act, event: str, patience: float = PATIENCE) -> Known[Outlook | None]:
    """None: there is no such event."""
    return ask(store, lambda conn: _outlook(conn, wanted, event), patience)


def _outlook(conn: Connection, wanted: Act, event: str) -> Outlook | None:
    row = conn.execute(select(events).where(events.c.id == event)).one_or_none()
    found = show(conn, event)
    if row is None or found is None:
        return None
    state = connections.get(conn, row.connection)
    can_not = "it is so already" if _is_so(wanted, row) else _refusal(wanted, row.status)
    if wanted in ("hold", "release") and can_not is None and (found.held_at is not None) == (wanted == "hold"):
        can_not = "it is held already" if wanted == "hold" else "nobody holds it"
    return Outlook(
        event=row_of(found),
        act=wanted,
        will=_will(wanted, row),
        can_not=can_not,
        behind=_behind(conn, row),
        paused=(state.reason or "no reason was kept") if state.paused else None,
    )


def _refusal(wanted: Act, status: str) -> str | None:
    if wanted in REPLAYS:
        return "it waits for its delivery already" if status == "pending" else None
    if wanted == "drop":
        return "only what waits, is dead or is in review can be dropped" if status in WELL else None
    return None if status == "pending" else "that is for events that wait"


def _is_so(wanted: Act, row: Row[Any]) -> bool:
    """Whether the act was done to it already, as far as its own row tells."""
    if wanted in REPLAYS:
        return bool(row.status == "pending")
    if wanted == "drop":
        return bool(row.status == "ignored" and row.reason_code == "dropped")
    return wanted == "urgent" and row.status == "pending" and bool(row.priority)


def _stands(conn: Connection, wanted: Act, row: Row[Any]) -> str:
    """Which event shows that it is so."""
    return (replay.replay_waits(conn, row) if wanted in REPLAYS and row.status in WELL else None) or str(row.id)


def _replay(conn: Connection, row: Row[Any], _why: str) -> str | None:
    if row.status not in WELL:
        replay.revive_in(conn, row.id)
        return str(row.id)
    return None if replay.replay_waits(conn, row) else replay.replay_in(conn, row.id)


def _refetch(conn: Connection, row: Row[Any], _why: str) -> str | None:
    if row.status not in WELL:
        replay.revive_in(conn, row.id, refetch=True)
        return str(row.id)
    return None if replay.replay_waits(conn, row) else replay.replay_in(conn, row.id, refetch=True)


def _drop(conn: Connection, row: Row[Any], why: str) -> str | None:
    replay.drop_in(conn, row.id, replay.DROPPED + why)
    return str(row.id)


def _urgent(conn: Connection, row: Row[Any], _why: str) -> str | None:
    urgency.make_urgent(conn, row)
    return str(row.id)


def _hold(conn: Connection, row: Row[Any], _why: str) -> str | None:
    return str(row.id) if holds.hold(conn, row.connection, row.subject) else None


def _release(conn: Connection, row: Row[Any], _why: str) -> str | None:
    return str(row.id) if holds.release(conn, row.connection, row.subject) else None


def _ask_now(conn: Connection, row: Row[Any], _why: str) -> str | None:
    return str(row.id) if urgency.ask_now(conn, row) else None


_DEEDS: Final[Mapping[Act, Callable[[Connection, Row[Any], str], str | None]]] = {
    "replay": _replay,
    "refetch": _refetch,
    "drop": _drop,
    "urgent": _urgent,
    "hold": _hold,
    "release": _release,
    "ask-now": _ask_now,
}


def _will(wanted: Act, row: Row[Any]) -> str:
    if wanted in REPLAYS and row.status in WELL:
        again = "read again at its sender, and " if wanted == "refetch" else ""
        return (
            f"It is delivered once more, as an event of its own with the same place in time: {again}planned again with"
            " today's settings. What differs is written, no newer value is overwritten, and nothing is made twice."
        )
    return _WILL[wanted]


_WILL: Final[Mapping[Act, str]] = {
    "replay": (
        "It is tried again itself: planned again with today's settings. What differs is written, no newer value is"
        " overwritten, and nothing is made twice."
    ),
    "refetch": (
        "It is tried again itself: read again at its sender, and planned again with today's settings. What differs is"
        " written, no newer value is overwritten, and nothing is made twice."
    ),
    "drop": (
        "It ends as ignored, for the reason that you give, and has no effect from now on. What was written for it"
        " already stays in Upsales. It can be replayed later."
    ),
    "urgent": "Its lane goes before those that are not urgent. What waits in the lane before it goes first, with it.",
    "hold": "Nothing about the same thing is delivered until somebody releases it. What a worker has begun goes on.",
    "release": "What was held is delivered as it would have been.",
    "ask-now": "It is tried at once, and not at the time at which it would come again. Nothing else changes.",
}


def _behind(conn: Connection, row: Row[Any]) -> int:
    later = select(events.c.seq).where(pending_in(row.connection, row.subject), events.c.seq > row.seq)
    return conn.execute(select(func.count()).select_from(later.limit(MOST_COUNTED).subquery())).scalar_one()


def _fate(row: Row[Any]) -> str:
    return "waiting" if row.status == "pending" else str(row.status)
