"""Tells people what opened and closed, again where it was not taken."""

from __future__ import annotations

from typing import Protocol

import structlog

from worker.alerts.targets import NotSent
from worker.store import Store
from worker.store.alerts import alerts, notices
from worker.store.alerts.alerts import Alert
from worker.store.alerts.notices import Notice

LEASE = 180.0
"""Seconds; longer than a mail takes whose server uses up its time at each step."""
AT_ONCE = 20
"""Then it is looked again at what is wrong."""
FIRST, LONGEST = 30.0, 3600.0
GIVE_UP = 86400.0

log = structlog.get_logger()


class Target(Protocol):
    """Raises NotSent when it is not taken."""

    def send(self, alert: Alert, notice: Notice) -> None: ...


def tell(store: Store, target: Target) -> None:
    """What is due now, each taken when its turn comes: while this one is slow, another watcher tells the others."""
    for _ in range(AT_ONCE):
        with store.write() as conn:
            due = notices.take(conn, LEASE, limit=1)
            about = {alert.id: alert for alert in alerts.by_ids(conn, {notice.alert for notice in due})}
        if not due:
            return
        _tell(store, target, about[due[0].alert], due[0])


def _tell(store: Store, target: Target, alert: Alert, notice: Notice) -> None:
    try:
        target.send(alert, notice)
    except NotSent as error:
        _again(store, notice, error)
    else:
        with store.write() as conn:
            notices.sent(conn, notice.id)


def again_in(tries: int, age: float) -> float | None:
    """Seconds until the next try; None: it was tried for long enough."""
    return None if age >= GIVE_UP else min(FIRST * 2 ** (tries - 1), LONGEST)


def _again(store: Store, notice: Notice, error: NotSent) -> None:
    wait = again_in(notice.tries, notice.age)
    log.warning("an alert was not taken", target=notice.target, error=str(error), again_in=wait)
    with store.write() as conn:
        notices.failed(conn, notice.id, str(error), wait)
