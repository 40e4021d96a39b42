"""Says of what is wrong since when it is, and how bad that is; pure."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final, Literal, TypeAlias

from worker.alerts.facts import Standing
from worker.alerts.findings import Finding
from worker.store.alerts.alerts import Alert

Level: TypeAlias = Literal["wrong", "look"]
TO_LOOK_AT: Final = frozenset({"marker_missing", "sender_silent", "sender_unread", "token_ends", "webhooks_refused"})
"""Kinds while which all that came is delivered."""
FATES: Final = {"dead_letters": "dead", "review_waiting": "review"}


@dataclass(frozen=True, slots=True)
class Problem:
    """`connection` is empty for what concerns all of them. `since`: None where nobody knows."""

    kind: str
    connection: str
    level: Level
    text: str
    since: datetime | None


def problems(
    found: Collection[Finding], alerts: Collection[Alert], stands: Standing | None, at: datetime | None
) -> Sequence[Problem]:
    """What is worst first. `at`: when it was found how they stand."""
    opened = {(alert.kind, alert.connection): alert.opened_at for alert in alerts}
    began = {} if stands is None or at is None else _began(stands, at)
    told = [
        Problem(
            kind=finding.kind,
            connection=finding.connection,
            level="look" if finding.kind in TO_LOOK_AT else "wrong",
            text=finding.text,
            since=began.get(finding.place, opened.get(finding.place)),
        )
        for finding in found
    ]
    return sorted(told, key=lambda each: each.level != "wrong")


def _began(stands: Standing, at: datetime) -> Mapping[tuple[str, str], datetime]:
    """By the thing itself, which began before anybody looked."""
    paused = {
        ("connection_paused", name): state.since for name, state in stands.states.items() if state.since is not None
    }
    late = {("deliveries_late", name): at - timedelta(seconds=age) for name, age in stands.oldest.items()}
    ended = {(each.connection, each.fate): at - timedelta(seconds=each.oldest) for each in stands.for_people}
    for_people = {
        (kind, name): since for kind, fate in FATES.items() for (name, of), since in ended.items() if of == fate
    }
    return {**paused, **late, **for_people}
