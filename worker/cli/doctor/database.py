"""Looks whether the database can be read, and reads it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial

from worker.cli.context import Installation
from worker.cli.doctor import places
from worker.cli.doctor.errands import Errand, TooSlow
from worker.cli.doctor.facts import Known, Part, T, Unknown
from worker.cli.doctor.stored import Stored, read
from worker.errors import ConfigError
from worker.settings import Connection
from worker.store import Store, StoreUnavailable
from worker.store.db.migrate import check
from worker.store.instruments import write_probe

PROBE_WAITS = 2.0
"""Seconds for others who write."""


@dataclass(frozen=True, slots=True)
class Base:
    """Whether the database can be read, and what it said."""

    part: Part
    store: Store | None
    stored: Known[Stored]

    def of(self, get: Callable[[Stored], T]) -> Known[T]:
        return self.stored if isinstance(self.stored, Unknown) else get(self.stored)


def look(installation: Installation, seconds: float) -> Base:
    settings = installation.settings
    store = installation.opened_store
    place = places.database(store.name, installation.environ, settings.config)
    if store.missing:
        why = f"there is no database {store.name}: correct DATABASE_URL, or make it with `relay release` or `relay up`"
        return Base(Part(place, "absent", why), None, Unknown("there is no database yet"))
    try:
        stored, refuses = Errand(partial(_read, store, settings.connections), seconds).result()
    except (StoreUnavailable, TooSlow) as error:
        why = str(error) if isinstance(error, StoreUnavailable) else f"The database {store.name} gives {error}."
        return Base(Part(place, "away", why), None, Unknown("the database is away"))
    except ConfigError as error:
        return Base(Part(place, "unusable", str(error)), None, Unknown("the database has not this program's tables"))
    return Base(Part(place, why=refuses), store, stored)


def _read(store: Store, connections: Mapping[str, Connection]) -> tuple[Stored, str]:
    """What it says, and why it takes no writes: a full one can be read."""
    check(store)
    stored = read(store, connections)
    try:
        write_probe.probe(store, wait=PROBE_WAITS)
    except StoreUnavailable as error:
        return stored, str(error)
    return stored, ""
