"""Breaks, watches every instrument, mends, and counts what came of it."""

from __future__ import annotations

import json
import time
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import httpx
from prometheus_client.parser import text_string_to_metric_families

from tests.chaos.supervision import DidNotHappen, wait_until
from tests.incidents.incidents import Incident
from tests.incidents.site import Site, Told

LONGEST = 240.0
AGAIN = 120.0
CLOSED = 90.0
DOCTOR_EVERY = 4.0


@dataclass(slots=True)
class Played:
    """After how many seconds what told of it; None: not at all. `wrong`: what should not be."""

    incident: Incident
    metric: float | None = None
    doctor: float | None = None
    alert: float | None = None
    unready: float | None = None
    mended: float | None = None
    lost: int = 0
    twice: int = 0
    wrong: list[str] = field(default_factory=list)

    @property
    def told(self) -> bool:
        whole = self.metric is not None and self.doctor is not None
        alerted = self.incident.alert is None or self.alert is not None
        return whole and alerted and (not self.incident.unready or self.unready is not None)


def play(incident: Incident, site: Site, told: Told) -> Played:
    outcome = Played(incident)
    begun = time.monotonic()
    incident.breaks(site)
    _watch(outcome, site, told, begun)
    mended = time.monotonic()
    incident.mends(site)
    _again(outcome, site, told, mended)
    _judge(outcome, site, told, begun)
    return outcome


def _watch(outcome: Played, site: Site, told: Told, begun: float) -> None:
    incident, asked = outcome.incident, 0.0
    while not outcome.told and time.monotonic() - begun < LONGEST:
        now = time.monotonic()
        if outcome.metric is None and incident.shows(measures(site).get(incident.series)):
            outcome.metric = now - begun
        if incident.unready and outcome.unready is None and site.status(f"{site.web}/readyz") != 200:
            outcome.unready = now - begun
        if incident.alert and outcome.alert is None and (at := told.when(*incident.alert, "opened", begun)):
            outcome.alert = at - begun
        if outcome.doctor is None and now - asked >= DOCTOR_EVERY:
            asked = now
            if any(incident.doctor in line for line in complaints(site)):
                outcome.doctor = time.monotonic() - begun
        time.sleep(0.3)
    outcome.wrong += [] if outcome.told else ["not told by every instrument"]


def _again(outcome: Played, site: Site, told: Told, mended: float) -> None:
    incident = outcome.incident
    try:
        wait_until(lambda: site.status(f"{site.web}/readyz") == 200, AGAIN, "the receiver is ready")
        for name in ("shop", "form"):
            site.send(name, 1)
        site.settled(AGAIN)
        outcome.mended = time.monotonic() - mended
        if incident.alert and incident.alert[0] != "webhooks_refused":
            kind, connection = incident.alert
            wait_until(lambda: bool(told.when(kind, connection, "closed", mended)), CLOSED, "the alert closes")
    except DidNotHappen as error:
        outcome.wrong.append(str(error))


def _judge(outcome: Played, site: Site, told: Told, begun: float) -> None:
    incident = outcome.incident
    found = site.told_of()
    outcome.lost = len(set(site.accepted) - set(found))
    outcome.twice = sum(number - 1 for number in (Counter(found) - Counter(site.there_before)).values())
    outcome.wrong += [f"{outcome.lost} lost"] if outcome.lost else []
    outcome.wrong += [f"{outcome.twice} made twice"] if outcome.twice else []
    allowed = {incident.alert[0] if incident.alert else "", *incident.beside}
    others = {kind for kind, _, _, at in told.heard if at >= begun} - allowed
    outcome.wrong += [f"told as well: {kind}" for kind in sorted(others)]
    opened = Counter((kind, connection) for kind, connection, act, _ in told.heard if act == "opened")
    outcome.wrong += [f"{place} opened {number} times" for place, number in opened.items() if number > 1]


def complaints(site: Site) -> Sequence[str]:
    """What the doctor does not call fine; nothing where its exit code says that all is."""
    done = site.relay("doctor", "--json")
    found = json.loads(done.stdout) if done.returncode in (1, 3) else ()
    return [f"{each['what']}: {each['says']}" for each in found if each["level"] != "fine"]


def measures(site: Site) -> Mapping[str, float]:
    """Each series as name{values of its labels in order}."""
    try:
        text = site.client.get(f"{site.console}/metrics").text
    except httpx.TransportError:
        return {}
    return {
        f"{sample.name}{{{','.join(value for _, value in sorted(sample.labels.items()))}}}": sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
    }
