"""The worker's real parts, wired once a process: store, keys, budgets, Upsales, wake-ups, delivery."""

from __future__ import annotations

import os
import random
import socket
from collections.abc import Mapping

from ulid import ULID

from worker.alarm import Alarm
from worker.binding import Binding, WrongAccount
from worker.budget import connect
from worker.clients import Clients
from worker.delivery import Delivery
from worker.errors import ConfigError
from worker.finding import Access, Timing
from worker.keys import Keys
from worker.settings import Connection, Settings
from worker.store import open_store, verify
from worker.store.fence import Fence
from worker.store.lanes import Claim
from worker.store.ledger import SqlLedger
from worker.sweep import Sweep
from worker.verification import Verification
from worker.wakeups import Wakeups


class Runtime:
    """Safe to share between threads. Nothing is asked of Redis or Upsales before it is needed."""

    def __init__(self, settings: Settings, environ: Mapping[str, str]) -> None:
        if settings.redis_url is None:
            raise ConfigError("REDIS_URL is not set: workers need Redis for wake-ups and call windows")
        bound = settings.delivery.queue_bound
        self.settings = settings
        self.store = open_store(settings.database_url)
        self.keys = Keys(environ, self.store)
        self.wakeups = Wakeups(settings.redis_url, bound)
        self.redis = connect(settings.redis_url)
        self.binding = Binding(self.store, Clients(settings.upsales, self.keys, self.redis, self.store))
        owner = f"{socket.gethostname()[:24]}:{os.getpid()}:{ULID()}"
        self.verification = Verification(self.store, settings, owner, self.access_to_call)
        self.sweep = Sweep(
            self.store, settings, Wakeups(settings.redis_url, bound), self.binding, self.verification.run
        )
        self.delivery = Delivery(
            store=self.store,
            settings=settings,
            owner=owner,
            open_access=self.access,
            judge=self.binding.judge,
            short=self.wakeups.short,
            ring_in=Alarm(Wakeups(settings.redis_url, bound).ring).set,
            chance=random.random,
        )

    def access(self, connection: Connection, claim: Claim) -> Access:
        """Upsales and the ledger for one claim. Raises Unauthorized when the key may not be used."""
        bound = self.binding.of(connection)
        event = claim.events[-1].id
        replayed = any(waiting.replay for waiting in claim.events)
        urgent = any(waiting.priority for waiting in claim.events)
        crm = bound.upsales.on_behalf(event, notify=not replayed, leading=True, priority=urgent)
        return Access(crm, self._ledger(claim.fence, bound.account, bound.fingerprint, event), self.timing)

    def access_to_call(self, due: verify.Due, fence: Fence) -> Access:
        """For a second look at a call. Raises Unauthorized when the key is of another account than the call was made in."""
        connection = self.settings.connections[due.connection]
        bound = self.binding.of(connection)
        if bound.account != due.account:
            raise WrongAccount(f"the call was made in account {due.account}, the key is of {bound.account}")
        crm = bound.upsales.on_behalf(due.doubt.event, notify=False)
        return Access(crm, self._ledger(fence, bound.account, bound.fingerprint, due.doubt.event), self.timing)

    def _ledger(self, fence: Fence, account: int, fingerprint: str, event: str | None) -> SqlLedger:
        horizon = self.settings.upsales.commit_horizon
        return SqlLedger(self.store, fence, account=account, fingerprint=fingerprint, event=event, horizon=horizon)

    def close(self) -> None:
        self.binding.clients.close()
        self.redis.close()
        self.store.close()

    @property
    def timing(self) -> Timing:
        upsales = self.settings.upsales
        return Timing(search_lag=upsales.search_lag, horizon=upsales.commit_horizon, call_timeout=upsales.call_timeout)
