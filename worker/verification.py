"""Second looks that are due: each call by one worker, put off while Upsales can't be asked."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import structlog

from worker.errors import Failure, LeaseLost, Throttled, Waiting
from worker.finding import Access
from worker.settings import Settings
from worker.store import Store, connections, verify
from worker.store.fence import Fence
from worker.verifying import Verdict
from worker.verifying import verify as look

log = structlog.get_logger()

AT_ONCE = 20
AGAIN = 30.0
"""Seconds until a look that could not be made is tried again, at the most."""


@dataclass(frozen=True, slots=True)
class Verification:
    """`open_access` connects a call to Upsales and to the ledger, behind the fence of a lane of its own."""

    store: Store
    settings: Settings
    owner: str
    open_access: Callable[[verify.Due, Fence], Access]

    def run(self) -> None:
        with self.store.read() as conn:
            due = verify.due(conn, AT_ONCE)
            runs = {name: connections.get(conn, name).runs for name in {found.connection for found in due}}
        for found in due:
            if found.connection in self.settings.connections and runs[found.connection]:
                self._look(found)

    def _look(self, found: verify.Due) -> None:
        fence = verify.take(self.store, found, self.owner, self._seconds)
        if fence is None:
            return
        call, connection = found.doubt.call, found.connection
        try:
            verdict = look(self.open_access(found, fence), found.doubt)
        except LeaseLost:
            return
        except Failure as failure:
            verify.again(self.store, call, failure.seconds if isinstance(failure, Waiting) else self._pause)
            if not isinstance(failure, Throttled):
                log.warning("a second look failed", connection=connection, call=call, reason=str(failure))
            return
        verify.leave(self.store, fence)
        if verdict is not Verdict.IN_ORDER:
            log.warning("a call took effect late", connection=connection, call=call, verdict=str(verdict))

    @property
    def _seconds(self) -> float:
        return 3 * self.settings.upsales.call_timeout + self._pause

    @property
    def _pause(self) -> float:
        return min(AGAIN, self.settings.upsales.commit_horizon)
