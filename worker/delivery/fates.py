"""Says what Flower shows of an event, from how it stands in the database; pure."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Final

from worker.logs.masking import reason_shown
from worker.queue.fate import Fate, shown_args, shown_name
from worker.queue.fate import State as Shown
from worker.store.db.statuses import WELL
from worker.store.events.standing import Calls, Standing
from worker.store.lanes.connections import State

BEFORE: Final = "by another message's task"
NO_CONNECTION: Final = "no such connection in the settings"


def fate(standing: Standing, connection: State | None, *, before: bool = False, mine: bool = True) -> Fate | None:
    """What became of an event; None where somebody else is about to tell it.

    `connection`: as it stands, None for one that is not in the settings. `before`: the event had ended when its message was
    taken. `mine`: the message named this event, and not only its lane.
    """
    if not standing.waits:
        state: Shown = "SUCCESS" if standing.status in WELL else "FAILURE"
        return _shown(standing, state, [standing.status, *_ending(standing), *([BEFORE] if before else [])])
    if standing.held:
        return None
    why = _wait(standing, connection)
    if not why:
        # Its lane is due: whoever claims it next tells of it.
        return _shown(standing, "RETRY", ["waiting", "its lane is rung again"]) if mine else None
    return _shown(standing, "RETRY", ["waiting", *why])


def away(event: str) -> Fate:
    """Of an event about which the database could not be asked."""
    return Fate(event, "RETRY", "waiting · the database is away")


def passed_over(event: str) -> Fate:
    return Fate(event, "RETRY", "waiting · other connections' events go first")


def gone(event: str) -> Fate:
    return Fate(event, "SUCCESS", "no longer stored")


def _ending(standing: Standing) -> list[str]:
    made = [_made(standing.calls)] if standing.status == "delivered" else []
    reason = standing.reason or ""
    # The name of the task has the type already.
    reason = reason.removeprefix(f"{standing.type}: ")
    return [*made, *([reason_shown(reason)] if reason else [])]


def _made(calls: Calls) -> str:
    number = f"{calls.number} call" if calls.number == 1 else f"{calls.number} calls"
    if calls.reads:
        number += f", {calls.reads} read" if calls.reads == 1 else f", {calls.reads} reads"
    if not calls.records:
        return number
    (resource, record), *more = calls.records
    return f"{resource} {record}{f' and {len(more)} more' if more else ''}, {number}"


def _wait(standing: Standing, connection: State | None) -> list[str]:
    """Why it waits, and until when; nothing if it is due."""
    if connection is None:
        return [NO_CONNECTION]
    if connection.paused:
        return [f"the connection is paused: {reason_shown(connection.reason or '')}".rstrip(": ")]
    if connection.broken_for > 0:
        return ["Upsales does not answer", _at("it is asked again", _later(standing.now, connection.broken_for))]
    if standing.kept_back or standing.due_at is None:
        return [_not_due(standing)]
    if standing.due_at <= standing.now:
        return []
    return [reason_shown(standing.reason) if standing.reason else "its lane is not due", _at("again", standing.due_at)]


def _not_due(standing: Standing) -> str:
    if standing.kept_back:
        return "a person holds it back"
    return "replays go one by one" if standing.parked else "nothing is due"


def _later(now: datetime, seconds: float) -> datetime:
    return now + timedelta(seconds=seconds)


def _at(what: str, time: datetime) -> str:
    return f"{what} at {time.astimezone(UTC):%Y-%m-%d %H:%M:%SZ}"


def _shown(standing: Standing, state: Shown, parts: list[str]) -> Fate:
    name = shown_name(standing.connection, standing.type)
    args = shown_args(standing.id, standing.event_id, standing.subject)
    return Fate(standing.id, state, " · ".join(part for part in parts if part), name, args)
