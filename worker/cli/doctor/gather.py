"""Gathers all facts: reads files, database and Redis, asks workers and Upsales, each with a limit of its time."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import partial
from importlib.metadata import version
from pathlib import Path

from worker.cli.context import Installation
from worker.cli.doctor import places
from worker.cli.doctor.broker import away, look, readers
from worker.cli.doctor.errands import Errand, TooSlow
from worker.cli.doctor.facts import Asked, ConnectionFacts, Disk, Facts, Known, Lanes, Part, Secret, T, Unknown
from worker.cli.doctor.stored import Stored, read, sealed
from worker.cli.doctor.upsales import ask_bare, ask_bound
from worker.cli.local import demo_setup, lockfile
from worker.cli.secret_files import open_to_others
from worker.errors import ConfigError
from worker.keys import Keys
from worker.keys.cipher import VARIABLE, cipher_of
from worker.runtime import Runtime
from worker.sdk.signatures import flaw_of
from worker.settings import Connection, Settings
from worker.store import Store, StoreUnavailable
from worker.store.db.migrate import check
from worker.store.lanes.connections import State

NEAR, FAR, LONG = 4.0, 6.0, 120.0
"""Seconds for database and Redis; for Upsales; for Upsales where something is to be made there."""
WORKERS_ANSWER = 1.5
PREFIXES = ("whsec_", "whpk_", "whsk_")
SQLITE = "sqlite:///"


@dataclass(frozen=True, slots=True)
class _Base:
    """Whether the database can be read, and what it said."""

    part: Part
    store: Store | None
    stored: Known[Stored]

    def of(self, get: Callable[[Stored], T]) -> Known[T]:
        return self.stored if isinstance(self.stored, Unknown) else get(self.stored)


def gather(installation: Installation, *, offline: bool, fix: bool) -> Facts:
    """Raises ConfigError where the settings of the whole installation are wrong."""
    settings, live = installation.settings, installation.live_settings
    running = lockfile.running(settings)
    up = running.pid if running else None
    asking_redis = Errand(partial(look, live, installation.environ, up), NEAR)
    base = _base(installation)
    try:
        broker = asking_redis.result()
    except TooSlow as error:
        broker = away(live, installation.environ, up, str(error))
    keys, master_key = _keys(installation, base)
    found = [_connection(each, keys, base) for each in settings.connections.values()]
    if not offline:
        _ask(installation, live, keys, base, broker.part, found, fix=fix)
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
        master_key=master_key,
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
        connections=found,
    )


def _base(installation: Installation) -> _Base:
    settings = installation.settings
    store = installation.opened_store
    place = places.database(store.name, installation.environ, settings.config)
    if store.missing:
        why = f"there is no database {store.name}: correct DATABASE_URL, or make it with `relay release` or `relay up`"
        return _Base(Part(place, "absent", why), None, Unknown("there is no database yet"))
    try:
        Errand(partial(check, store), NEAR).result()
        stored = Errand(partial(read, store, list(settings.connections)), NEAR).result()
    except (StoreUnavailable, TooSlow) as error:
        why = str(error) if isinstance(error, StoreUnavailable) else f"The database {store.name} gives {error}."
        return _Base(Part(place, "away", why), None, Unknown("the database is away"))
    except ConfigError as error:
        return _Base(Part(place, "unusable", str(error)), None, Unknown("the database has not this program's tables"))
    return _Base(Part(place), store, stored)


def _by_our_clock(stored: Stored, then: datetime | None) -> datetime | None:
    """Moments of the database are by its clock."""
    return None if then is None else then + (datetime.now(UTC) - stored.now)


def _keys(installation: Installation, base: _Base) -> tuple[Keys, Known[str | None]]:
    credentials = installation.credentials
    try:
        cipher = cipher_of(credentials)
    except ConfigError as error:
        names = (VARIABLE, f"{VARIABLE}_FILE")
        return Keys({name: each for name, each in credentials.items() if name not in names}, base.store), str(error)
    keys = Keys(credentials, base.store)
    if base.store is not None:
        try:
            return keys, sealed(base.store, cipher)
        except StoreUnavailable:
            return keys, Unknown("the database is away")
    return keys, None if base.part.state == "absent" else base.of(lambda _: None)


def _connection(connection: Connection, keys: Keys, base: _Base) -> ConnectionFacts:
    name = connection.name
    secrets, secret_problem = _secrets(connection, keys, base)
    key, key_problem = _key(name, keys, base)
    return ConnectionFacts(
        connection=connection,
        secrets=secrets,
        secret_problem=secret_problem,
        key=key,
        key_problem=key_problem,
        state=base.of(lambda stored: stored.states.get(name, State(name=name))),
        lanes=base.of(lambda stored: stored.lanes.get(name, Lanes())),
        answered=base.of(lambda stored: stored.answered.get(name, {})),
        rhythm=base.of(lambda stored: stored.rhythms.get(name)),
    )


def _secrets(connection: Connection, keys: Keys, base: _Base) -> tuple[Known[Sequence[Secret]], str]:
    try:
        values = keys.secrets(connection.name)
        found = [_secret(connection, value, keys, base) for value in values]
    except StoreUnavailable:
        return Unknown("the database is away"), ""
    except ConfigError as error:
        return (), str(error)
    return found if found or _surely_none(base) else Unknown(_not_here(base)), ""


def _secret(connection: Connection, value: str, keys: Keys, base: _Base) -> Secret:
    fingerprint = keys.fingerprint(value)
    used = base.of(lambda stored: stored.used.get((connection.name, "secret", fingerprint)))
    return Secret(
        fingerprint=fingerprint,
        length=len(value.partition("_")[2] if value.startswith(PREFIXES) else value),
        flaw=flaw_of(connection.connector.signature, value),
        used=None if isinstance(used, Unknown) else used,
    )


def _key(name: str, keys: Keys, base: _Base) -> tuple[Known[str | None], str]:
    try:
        if not keys.found(name, "api_key") and not _surely_none(base):
            return Unknown(_not_here(base)), ""
        return keys.fingerprint(keys.api_key(name)), ""
    except StoreUnavailable:
        return Unknown("the database is away"), ""
    except ConfigError as error:
        return None, str(error)


def _surely_none(base: _Base) -> bool:
    """Whether the database was asked, or there is none that could hold one."""
    return base.store is not None or base.part.state == "absent"


def _not_here(base: _Base) -> str:
    why = base.stored.why if isinstance(base.stored, Unknown) else ""
    return f"{why}, and the environment has none: it may be stored there"


def _alive_workers(base: _Base) -> int | None:
    if isinstance(base.stored, Unknown):
        return None
    return sum(each.alive for each in base.stored.processes if each.kind == "worker")


def _disks(settings: Settings) -> Iterator[Disk]:
    if settings.database_url.startswith(SQLITE):
        path = Path(settings.database_url.removeprefix(SQLITE).partition("?")[0]).parent
        while not path.exists():
            path = path.parent
        yield Disk("the database", path, shutil.disk_usage(path).free)


def _ask(
    installation: Installation,
    live: Settings,
    keys: Keys,
    base: _Base,
    redis: Part,
    found: list[ConnectionFacts],
    *,
    fix: bool,
) -> None:
    """Fills in what Upsales says, of all connections at a time."""
    seconds = LONG if fix else FAR
    quick = (
        live if fix else replace(live, upsales=replace(live.upsales, call_timeout=min(live.upsales.call_timeout, FAR)))
    )
    runtime = Runtime(quick, installation.credentials) if base.store is not None and redis.reached else None
    errands = []
    for place, each in enumerate(found):
        if isinstance(each.key, Unknown) or each.key is None:
            continue
        asked = Asked(counted=runtime is not None)
        found[place] = replace(each, asked=asked)
        if runtime is not None:
            errands.append(Errand(partial(ask_bound, asked, runtime, each.connection, fix=fix), seconds))
        else:
            key = keys.api_key(each.name)
            bare = partial(ask_bare, asked, quick.upsales, keys, each.connection, key, fix=fix)
            errands.append(Errand(bare, seconds))
        if fix:
            # Two connections of one account must not make the same field at a time.
            errands[-1].wait()
    for errand in errands:
        errand.wait()
    if runtime is not None and all(errand.done for errand in errands):
        runtime.close()
