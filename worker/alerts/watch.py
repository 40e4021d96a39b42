"""Looks whether anything is wrong, opens and closes alerts, and has them told."""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass, field
from typing import Final

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


ONLY_THE_CONSOLE_CAN_TELL: Final = frozenset({"redis_away", "no_worker"})
"""Kinds that no worker finds out. One that just started may look before its own first sign of life is stored.

A restart is none of them: the only worker is away for seconds, and so is Redis.
"""


def wired(store: Store, settings: Settings, keys: Keys, redis: Redis | None) -> Watch:
    """With all that it asks and tells."""
    look = Look(store, settings, keys, lambda: redis is not None and answers(redis))
    return Watch(store, settings.alerts, look.facts, Targets(settings.alerts), ONLY_THE_CONSOLE_CAN_TELL)


@dataclass(frozen=True, slots=True)
class Watch:
    """Several may watch at a time: each alert is opened and closed by one of them.

    `twice`: kinds that are believed when two looks in a row found them; `before` is what the last one found.
    """

    store: Store
    settings: Alerts
    facts: Callable[[], Facts]
    target: Target
    twice: Collection[str] = ()
    before: set[tuple[str, str]] = field(default_factory=set)

    def run(self) -> None:
        self._look()
        if self.settings.targets:
            tell(self.store, self.target)

    def _look(self) -> None:
        before = set(self.before)
        # Where this look fails, the next one is the first again.
        self.before.clear()
        found = judge(self.facts(), self.settings)
        self.before.update(finding.place for finding in found)
        targets = self.settings.targets
        with self.store.write() as conn:
            open_ones = alerts.open_ones(conn)
            known = before | {(alert.kind, alert.connection) for alert in open_ones}
            believed = [finding for finding in found if finding.kind not in self.twice or finding.place in known]
            changes = transitions(believed, open_ones, self.settings.settle)
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
