"""The worker's real parts, wired once a process: store, keys, budgets, Upsales, wake-ups, delivery."""

from __future__ import annotations

import os
import random
import socket
from collections.abc import Mapping
from functools import cached_property
from typing import TYPE_CHECKING

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

if TYPE_CHECKING:
    from redis import Redis


class Runtime:
    """Safe to share between threads. Nothing is connected before it is used."""

    def __init__(self, settings: Settings, environ: Mapping[str, str]) -> None:
        self.settings = settings
        self.store = open_store(settings.database_url)
        self.keys = Keys(environ, self.store)
        self.owner = f"{socket.gethostname()[:24]}:{os.getpid()}:{ULID()}"

    @cached_property
    def redis(self) -> Redis:
        return connect(self._redis_url)

    @cached_property
    def binding(self) -> Binding:
        return Binding(self.store, Clients(self.settings.upsales, self.keys, self.redis, self.store))

    @cached_property
    def wakeups(self) -> Wakeups:
        return Wakeups(self._redis_url, self.settings.delivery.queue_bound)

    @cached_property
    def delivery(self) -> Delivery:
        return Delivery(
            store=self.store,
            settings=self.settings,
            owner=self.owner,
            open_access=self.access,
            confirm_key=self.binding.confirmed,
            short=self.wakeups.short,
            ring_in=Alarm(Wakeups(self._redis_url, self.settings.delivery.queue_bound).ring).set,
            chance=random.random,
        )

    @cached_property
    def sweep(self) -> Sweep:
        wakeups = Wakeups(self._redis_url, self.settings.delivery.queue_bound)
        return Sweep(self.store, self.settings, wakeups, self.binding, self.verification.run)

    @cached_property
    def verification(self) -> Verification:
        return Verification(self.store, self.settings, self.owner, self.access_to_call)

    def access(self, connection: Connection, claim: Claim) -> Access:
        """Upsales and the ledger for one claim. Raises Unauthorized when the key may not be used."""
        bound = self.binding.of(connection)
        event = claim.events[-1].id
        replayed = any(waiting.replay for waiting in claim.events)
        crm = bound.upsales.on_behalf(event, notify=not replayed)
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

    @property
    def timing(self) -> Timing:
        upsales = self.settings.upsales
        return Timing(search_lag=upsales.search_lag, horizon=upsales.commit_horizon, call_timeout=upsales.call_timeout)

    @property
    def _redis_url(self) -> str:
        if self.settings.redis_url is None:
            raise ConfigError("REDIS_URL is not set: workers need Redis for wake-ups and call windows")
        return self.settings.redis_url
