"""Puts the parts of the receiver together in `create_app`."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from functools import partial

from flask import Flask
from sqlalchemy import Connection

from web import front_page, health, openapi, receive
from web.access_log import AccessLog
from web.dry_run import DryRun
from web.group_commit import Committer
from web.notifier import Notifier
from web.ports import Clock, Ring, Secrets
from web.problems import answer_with_problems
from web.readiness import Commits
from web.receive import Receiver
from worker.instruments.tally import Tally
from worker.queue.wakeups import Wakeups
from worker.queue.waking import wakeups_of
from worker.settings import Settings
from worker.store import Store, open_store
from worker.store.db import migrate
from worker.store.events.arrival import Arrival, Receipt
from worker.store.events.intake import accept, accept_one
from worker.store.instruments.write_probe import probe
from worker.tracing import NO_TRACER, Tracer

DEADLINE = 4.0
"""Seconds to answer in. Shopify waits five, https://shopify.dev/docs/apps/build/webhooks/troubleshooting-webhooks."""


def create_app(
    settings: Settings,
    keys: Secrets,
    store: Store | None = None,
    ring: Ring | None = None,
    tally: Tally | None = None,
    *,
    now: Clock = lambda: datetime.now(UTC),
    deadline: float = DEADLINE,
    tracer: Tracer = NO_TRACER,
) -> Flask:
    """The application. Its threads start with its first request, in whichever process that is."""
    store = store or open_store(settings.database_url)
    ping: Callable[[], None] | None = None
    if ring is None and settings.redis_url:
        # The other half of the places is for what has been due for longer, which sweeps and workers ring.
        wakeups = Wakeups(settings.redis_url, (settings.delivery.queue_bound + 1) // 2)
        ring, ping = Notifier(wakeups.ring, tracer=tracer), wakeups.ping
    commits = Commits(partial(_probe, store))
    committer = _committer(store, ring, deadline, commits)
    receiver = Receiver(
        settings.connections,
        keys,
        committer.submit,
        rehearse=DryRun(store, settings, now),
        now=now,
        public_url=settings.public_url,
        tracer=tracer,
        misconfigured=settings.misconfigured,
    )
    app = Flask("web", static_folder=None)
    answer_with_problems(app)
    app.register_blueprint(receive.blueprint(receiver, AccessLog(tally, tracer=tracer)))
    app.register_blueprint(health.blueprint(commits.check, ping))
    app.register_blueprint(openapi.blueprint())
    app.register_blueprint(front_page.blueprint())
    return app


def _probe(store: Store) -> None:
    migrate.check(store)
    probe(store)


def _committer(
    store: Store, ring: Ring | None, deadline: float, commits: Commits
) -> Committer[Connection, Arrival, Receipt]:
    def committed(receipts: Sequence[Receipt]) -> None:
        if ring is not None and (waiting := wakeups_of(receipts)):
            ring(waiting)

    return Committer(store.write, accept, partial(accept_one, store), committed, deadline=deadline, ended=commits.ended)
