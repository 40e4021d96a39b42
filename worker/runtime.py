"""Wires the worker's real parts together, once a process."""

from __future__ import annotations

import os
import random
import socket
from collections.abc import Callable, Mapping
from contextlib import suppress

from ulid import ULID

from worker.alerts import watch
from worker.delivery import Delivery, Failures
from worker.delivery.access import AccessFactory
from worker.delivery.asking import Readers
from worker.delivery.backfill.feed import Feed
from worker.delivery.catch_up import CatchUp
from worker.delivery.claim_log import Telling
from worker.delivery.claims import ActiveClaims
from worker.delivery.jobs import Jobs
from worker.delivery.probe import Probing
from worker.delivery.recheck import Rechecks
from worker.delivery.sweep import Sweep
from worker.errors import ConfigError
from worker.instruments.tally import Tally
from worker.keys import Keys
from worker.queue.delayed import DelayedWakeups
from worker.queue.singletons import Singletons
from worker.queue.wakeups import UNREACHABLE, Wakeup, Wakeups
from worker.settings import Settings
from worker.sources import Sources
from worker.sources.grants import Grants
from worker.sources.grants_transport import token_endpoint
from worker.sources.grants_upkeep import Upkeep
from worker.sources.signer import TokenSigner
from worker.store import open_store
from worker.tracing import NO_TRACER, Tracer
from worker.upsales.accounts import Binding
from worker.upsales.budget import connect
from worker.upsales.clients import Clients


class Runtime:
    """Safe to share between threads. Nothing is asked of Redis or Upsales before it is needed, and nothing of Upsales once it is `stopping`."""

    def __init__(
        self,
        settings: Settings,
        environ: Mapping[str, str],
        stopping: Callable[[], bool] = lambda: False,
        tracer: Tracer = NO_TRACER,
        *,
        readers: Readers | None = None,
    ) -> None:
        if settings.redis_url is None:
            raise ConfigError("REDIS_URL is not set: workers need Redis for wake-ups and call windows")
        bound = settings.delivery.queue_bound
        self.settings = settings
        self.store = open_store(settings.database_url)
        self.tally = Tally()
        self.keys = Keys(environ, self.store)
        self.wakeups = Wakeups(settings.redis_url, bound)
        self.redis = connect(settings.redis_url)
        self.stopping = stopping
        self.binding = Binding(
            self.store, Clients(settings.upsales, self.keys, self.redis, self.store, stopping, self.tally.add, tracer)
        )
        self.token_endpoint = token_endpoint()
        self.signer = TokenSigner(self.keys, Grants(self.store, self.keys, self.token_endpoint))
        self.upkeep = Upkeep(self.keys, self.signer)
        self.sources = Sources(self.signer, self.redis, self.store, stopping, self.tally.add)
        self.access = AccessFactory(self.store, settings, self.binding)
        owner = f"{socket.gethostname()[:24]}:{os.getpid()}:{ULID()}"
        self.rechecks = Rechecks(self.store, settings, owner, self.access.for_recheck, tracer=tracer)
        self.readers: Readers = readers or self.sources.of
        self.probing = Probing(self.store, self.binding, self.readers)
        self.catching_up = CatchUp(self.store, self.readers, owner, stopping, lease=settings.delivery.lease)
        self.watch = watch.wired(self.store, settings, self.keys, self.redis)
        self.singletons = Singletons(settings.redis_url)
        self.feed = Feed(self.store)
        self.sweep = Sweep(
            self.store,
            settings,
            Wakeups(settings.redis_url, bound),
            self.probing.due,
            self.singletons.call,
            self.upkeep.due,
        )
        self.delayed = DelayedWakeups(Wakeups(settings.redis_url, bound).ring)
        self.delivery = Delivery(
            store=self.store,
            settings=settings,
            owner=owner,
            open_access=self.access.for_claim,
            stopping=stopping,
            active=ActiveClaims(self.store),
            failures=self._failures(),
            telling=Telling(tracer),
            readers=self.readers,
        )

    def jobs(self) -> Jobs:
        return Jobs(
            store=self.store,
            settings=self.settings,
            wakeups=self.wakeups,
            singletons=self.singletons,
            delivery=self.delivery,
            sweep=self.sweep,
            probing=self.probing,
            rechecks=self.rechecks,
            watch=self.watch,
            backfilling=lambda connection: self.feed.run(connection, self.readers),
            catching_up=self.catching_up,
            renewing=self.upkeep.run,
        )

    def ring_in(self, wakeup: Wakeup, seconds: float) -> None:
        """What is rung later ends with the process: while it is stopping it rings at once."""
        if not self.stopping():
            self.delayed.set(wakeup, seconds)
            return
        with suppress(*UNREACHABLE):
            self.wakeups.ring([wakeup])

    def _failures(self) -> Failures:
        return Failures(
            store=self.store,
            settings=self.settings.delivery,
            judge=self.binding.judge,
            short=self.wakeups.short,
            ring_in=self.ring_in,
            chance=random.random,
        )

    def close(self) -> None:
        self.binding.clients.close()
        self.sources.close()
        self.token_endpoint.close()
        self.redis.close()
        self.store.close()
