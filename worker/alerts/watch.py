"""Looks whether anything is wrong, opens and closes alerts, and has them told."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import structlog
from redis import Redis

from worker.alerts.facts import Look
from worker.alerts.findings import Facts, judge
from worker.alerts.targets import Targets
from worker.alerts.tell import Target, tell
from worker.alerts.transitions import transitions
from worker.keys import Keys
from worker.queue.broker import answers
from worker.settings import Settings
from worker.settings.values import Alerts
from worker.store import Store
from worker.store.alerts import alerts, notices

log = structlog.get_logger()


def wired(store: Store, settings: Settings, keys: Keys, redis: Redis | None) -> Watch:
    """With all that it asks and tells."""
    look = Look(store, settings, keys, lambda: redis is not None and answers(redis))
    return Watch(store, settings.alerts, look.facts, Targets(settings.alerts))


@dataclass(frozen=True, slots=True)
class Watch:
    """Several may watch at a time: each alert is opened and closed by one of them."""

    store: Store
    settings: Alerts
    facts: Callable[[], Facts]
    target: Target

    def run(self) -> None:
        self._look()
        if self.settings.targets:
            tell(self.store, self.target)

    def _look(self) -> None:
        found = judge(self.facts(), self.settings)
        targets = self.settings.targets
        with self.store.write() as conn:
            changes = transitions(found, alerts.open_ones(conn), self.settings.settle)
            for finding in changes.opened:
                opened = alerts.opened(conn, finding.kind, finding.connection, finding.text)
                if opened:
                    log.warning("alert opened", kind=finding.kind, connection=finding.connection, text=finding.text)
                    notices.write(conn, opened, "opened", targets)
            alerts.cleared(conn, changes.cleared)
            alerts.back(conn, changes.back)
            for closed in alerts.closed(conn, changes.closed):
                log.info("alert closed", alert=closed)
                notices.write(conn, closed, "closed", targets)
