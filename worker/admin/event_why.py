"""Says why an event is as it is, and what happens next; pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from worker.store.events.standing import Standing
from worker.store.lanes.connections import State

NEXT = {
    "dead": "It is not tried again by itself: mend what is wrong, then replay it.",
    "review": "It waits for a person to decide.",
}
PLAIN = {
    "delivered": "Upsales holds what it says.",
    "superseded": "Nothing of it was left to write.",
    "ignored": "Nothing is to be done.",
}


@dataclass(frozen=True, slots=True)
class Line:
    """One sentence, and the moment that it names at its end."""

    text: str
    at: datetime | None = None


def why(standing: Standing, connection: State, fault: str | None, place: int | None) -> Sequence[Line]:
    """`fault`: what is wrong with the connection's settings. `place`: how many events of its lane go before it."""
    if not standing.waits:
        return _ended(standing)
    lines = [*_waits(standing, connection, fault)]
    if place:
        lines.append(
            Line(f"{_number(place, 'event')} about the same thing {'goes' if place == 1 else 'go'} before it.")
        )
    return lines


def _ended(standing: Standing) -> Sequence[Line]:
    lines = [Line(standing.reason)] if standing.reason else []
    if standing.status in NEXT:
        return [*lines, Line(NEXT[standing.status])]
    return lines or [Line(PLAIN.get(standing.status, ""))]


def _waits(standing: Standing, connection: State, fault: str | None) -> Sequence[Line]:
    if standing.held:
        return [Line("A worker has it in hand now.")]
    if fault is not None:
        return [Line(f"{fault[:1].upper()}{fault[1:]}. It waits until that is mended.")]
    if connection.paused:
        because = f": {connection.reason}" if connection.reason else ""
        return [Line(f"The connection is paused{because}. Since", connection.since)]
    if connection.broken_for > 0:
        asked = standing.now + timedelta(seconds=connection.broken_for)
        return [Line("Upsales does not answer. It is asked again at", asked)]
    return _lane_waits(standing)


def _lane_waits(standing: Standing) -> Sequence[Line]:
    if standing.due_at is None:
        return [
            Line("Replays go one by one: its turn has not come." if standing.parked else "Nothing is due in its lane.")
        ]
    if standing.due_at <= standing.now:
        reason = [Line(f"The last time: {standing.reason}")] if standing.reason else []
        return [*reason, Line("It is due: the next free worker takes it.")]
    return [Line(standing.reason or "Its lane is put off."), Line("It is tried again at", standing.due_at)]


def _number(number: int, what: str) -> str:
    return f"{number} {what}{'' if number == 1 else 's'}"
