"""Gathers all facts, each within a limit of its time."""

from __future__ import annotations

import shutil
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from importlib.metadata import version

from worker.cli.context import Installation
from worker.cli.doctor import credentials, database, places
from worker.cli.doctor.ask_all import ask_all
from worker.cli.doctor.broker import away, look, readers
from worker.cli.doctor.console import entrance
from worker.cli.doctor.database import Base
from worker.cli.doctor.errands import Errand, TooSlow
from worker.cli.doctor.facts import ConnectionFacts, Disk, Facts, Unknown
from worker.cli.doctor.stored import Stored
from worker.cli.local import demo_setup, lockfile
from worker.cli.secret_files import open_to_others
from worker.keys import Keys
from worker.settings import Settings
from worker.store.people.audit import Actor


@dataclass(frozen=True, slots=True)
class Patience:
    """Seconds for database and Redis, each; for Upsales; and for Upsales where something is to be made there."""

    near: float = 4.0
    far: float = 6.0
    making: float = 120.0


PATIENT = Patience()


def gather(installation: Installation, *, offline: bool, fix: Actor | None, patience: Patience = PATIENT) -> Facts:
    """Takes as long as `patience` at the most. Raises ConfigError where the settings of the whole installation are wrong."""
    settings, live = installation.settings, installation.live_settings
    running = lockfile.running(settings)
    up = running.pid if running else None
    asking_redis = Errand(partial(look, live, installation.environ, up), patience.near)
    base = database.look(installation, patience.near)
    try:
        broker = asking_redis.result()
    except TooSlow as error:
        broker = away(live, installation.environ, up, str(error))
    secrets, no_cipher = credentials.usable(installation.credentials)
    keys = Keys(secrets, base.store)
    found: Sequence[ConnectionFacts] = [
        credentials.connection_facts(each, keys, base, secrets) for each in settings.connections.values()
    ]
    if not offline:
        seconds = patience.making if fix else patience.far
        found = ask_all(found, live, secrets, keys, base, broker.part, fix=fix, seconds=seconds)
    return Facts(
        now=datetime.now(UTC),
        version=version("upsales-relay"),
        config=settings.config,
        up=up,
        demo=bool(demo_setup.made_up_beside(settings.config)),
        misconfigured=settings.misconfigured,
        strays=settings.strays,
        open_files=open_to_others(installation.environ, settings),
        public_url=settings.public_url,
        master_key=no_cipher or credentials.master_key(secrets, base),
        database=base.part,
        redis=broker.part,
        eviction=broker.eviction,
        queues=broker.queues,
        readers=readers(broker, live.redis_url, _alive_workers(base)),
        disks=list(_disks(settings)),
        processes=base.of(lambda stored: stored.processes),
        last_sweep=base.of(lambda stored: _by_our_clock(stored, stored.last_sweep)),
        sweep_every=settings.delivery.sweep_every,
        waiting=base.of(lambda stored: stored.waiting),
        nameless=base.of(lambda stored: stored.nameless),
        left_over=base.of(
            lambda stored: [
                name for name in stored.states if name not in {*settings.connections, *settings.misconfigured}
            ]
        ),
        upsales=places.upsales(
            live.upsales.base_url,
            installation.environ,
            settings.config,
            settings.config.read_text("utf-8") if settings.config else "",
            up,
            settings.upsales.base_url,
        ),
        entrance=entrance(settings, installation.credentials),
        connections=found,
    )


def _by_our_clock(stored: Stored, then: datetime | None) -> datetime | None:
    """Moments of the database are by its clock."""
    return None if then is None else then + (datetime.now(UTC) - stored.now)


def _alive_workers(base: Base) -> int | None:
    if isinstance(base.stored, Unknown):
        return None
    return sum(each.alive for each in base.stored.processes if each.kind == "worker")


def _disks(settings: Settings) -> Iterator[Disk]:
    if settings.database_file:
        path = settings.database_file.parent
        while not path.exists():
            path = path.parent
        yield Disk("the database", path, shutil.disk_usage(path).free)
