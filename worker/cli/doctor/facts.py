"""Holds what `relay doctor` found out, as values: nothing here judges."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path
from typing import Literal, TypeAlias, TypeVar

from worker.cli.doctor.console import Entrance
from worker.errors import RelayError
from worker.instruments.standing import Silence
from worker.instruments.tokens import Ends
from worker.keys.fingerprints import Source
from worker.settings import Connection
from worker.store.instruments.processes import Process
from worker.store.lanes.connections import State
from worker.store.lanes.holds import NONE_HELD, Held
from worker.store.sources.cursors import Progress
from worker.store.streams.leases import Listening
from worker.upsales import Account

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Unknown:
    """What could not be found out, and why."""

    why: str


Known: TypeAlias = T | Unknown


@dataclass(frozen=True, slots=True)
class Place:
    """Where something is reached, without credentials, and the setting that says so."""

    address: str
    origin: str

    def __str__(self) -> str:
        return f"{self.address} ({self.origin})"


@dataclass(frozen=True, slots=True)
class Part:
    """Something that runs elsewhere. `absent`: there is none yet; `unusable`: it answers, and can't be used; `why` says it.

    Of a database that is reached `why` says why it takes no writes.
    """

    place: Place
    state: Literal["reached", "absent", "away", "unusable"] = "reached"
    why: str = ""

    @property
    def reached(self) -> bool:
        return self.state == "reached"


@dataclass(frozen=True, slots=True)
class Disk:
    """Bytes of a file system that something of ours is on."""

    what: str
    path: Path
    free: int


@dataclass(frozen=True, slots=True)
class Secret:
    """A signing secret, without its value. `length`: of what is random in it."""

    fingerprint: str
    length: int
    flaw: str | None = None
    used: datetime | None = None


@dataclass(frozen=True, slots=True)
class Token:
    """What a sender's own API is read with. `problem`: why it can't be, empty where it can. `ends`: None where that is never, or not known.

    `fingerprint`: None where there is none.
    """

    fingerprint: str | None = None
    problem: str = ""
    ends: Ends | None = None


@dataclass(frozen=True, slots=True)
class Lanes:
    """What waits for a connection. `oldest`: seconds since the oldest waiting event came in, 0 where none waits.

    `dead` and `review`: events that wait for a person. `held`: lanes that a person holds back.
    """

    due: int = 0
    worked_on: int = 0
    oldest: float = 0.0
    parked: int = 0
    dead: int = 0
    review: int = 0
    held: Held = NONE_HELD


@dataclass(frozen=True, slots=True)
class Item:
    """One name that was looked up in Upsales. `says` what is there; or `failure`, why that is not known. `missing`: it is not there."""

    what: str
    says: str = ""
    failure: RelayError | None = None
    missing: bool = False


@dataclass(slots=True)
class Asked:
    """What Upsales said through one key; filled while it is asked.

    `at`: our clock when it said whose the key is. `counted`: within the key's windows. `done`: nothing is left to be asked.
    """

    account: Account | None = None
    at: datetime | None = None
    failure: RelayError | None = None
    items: list[Item] = field(default_factory=list)
    counted: bool = True
    done: bool = False

    def as_it_is(self) -> Asked:
        """A copy that nobody fills."""
        return replace(self, items=list(self.items))


@dataclass(frozen=True, slots=True, kw_only=True)
class ConnectionFacts:
    """One connection. `key`: the fingerprint of its API key, None where it has none that can be used: `key_problem` says why.

    `key_source`: where that key comes from. `secret_problem`: why its signing secrets can't be read. `answered`: requests of the last hour by outcome.
    """

    connection: Connection
    secrets: Known[Sequence[Secret]]
    secret_problem: str = ""
    key: Known[str | None]
    key_problem: str = ""
    key_source: Source = "stored"
    state: Known[State]
    lanes: Known[Lanes]
    answered: Known[Mapping[str, int]]
    silence: Known[Silence]
    catching_up: Known[Sequence[Progress]] = ()
    token: Known[Token] | None = None
    """None: its sender is not read."""
    asked: Asked | None = None
    listening: Known[Listening | None] = None
    """How its stream is listened to, of those that have one."""
    stored_at: Known[datetime | None] = None
    """When anything was last stored of it."""

    @property
    def name(self) -> str:
        return self.connection.name


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """The whole installation. `up`: the process of the `relay up` that runs here. `upsales`: None where it was not to be asked."""

    now: datetime
    version: str
    config: Path | None
    up: int | None
    demo: bool
    misconfigured: Mapping[str, str]
    strays: Mapping[str, str]
    open_files: Sequence[Path]
    public_url: str | None
    master_key: Known[str | None]
    """What is wrong with it."""
    database: Part
    redis: Part
    eviction: Known[str | None]
    queues: Known[Mapping[str, int]]
    readers: Known[Mapping[str, Sequence[str]]]
    """The queues that each worker reads, by its name."""
    disks: Sequence[Disk]
    processes: Known[Sequence[Process]]
    last_sweep: Known[datetime | None]
    sweep_every: float
    waiting: Known[int]
    nameless: Known[int]
    """Requests of the last hour that named no connection there is."""
    left_over: Known[Sequence[str]]
    upsales: Place
    entrance: Entrance
    connections: Sequence[ConnectionFacts]
