"""Decides which alerts open and which close, each once."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from worker.alerts.findings import Finding
from worker.store.alerts.alerts import Alert


@dataclass(frozen=True, slots=True)
class Transitions:
    """`cleared`: not found now, for the first time. `back`: found again before they closed. By the alerts' ids."""

    opened: tuple[Finding, ...] = ()
    cleared: tuple[str, ...] = ()
    back: tuple[str, ...] = ()
    closed: tuple[str, ...] = ()


def transitions(found: Collection[Finding], open_alerts: Collection[Alert], settle: float) -> Transitions:
    """`settle`: for how many seconds a thing has to be right before its alert closes. So one that comes and goes is one alert."""
    places = {finding.place for finding in found}
    known = {(alert.kind, alert.connection) for alert in open_alerts}
    gone = [alert for alert in open_alerts if (alert.kind, alert.connection) not in places]
    return Transitions(
        opened=tuple(finding for finding in found if finding.place not in known),
        cleared=tuple(alert.id for alert in gone if alert.right_for is None),
        back=tuple(alert.id for alert in open_alerts if alert.right_for is not None and alert not in gone),
        closed=tuple(alert.id for alert in gone if alert.right_for is not None and alert.right_for >= settle),
    )
