"""Draws from a seed what is done to a run and when, and prints it before it happens."""

from __future__ import annotations

import heapq
import shutil
import signal
import threading
import time
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path
from random import Random
from typing import Literal, TypeAlias

import redis

from tests.chaos.databases import Kind
from tests.chaos.place import Place
from tests.chaos.scaled import SET_BACK, Times
from tests.chaos.supervision import Supervision
from tests.chaos.upsales import Sandbox

Deed: TypeAlias = Literal[
    "kill",
    "kill a child of",
    "crash",
    "freeze",
    "thaw",
    "wipe",
    "outage",
    "save",
    "restore",
    "fail",
    "mend",
    "set back",
]

WORKERS = ("worker1", "worker2")
KILLED: Mapping[str, int] = {"worker1": 5, "worker2": 5, "web": 4, "valkey": 4, "beat": 2}
"""How often each is killed, in proportion."""
OUTAGE = 3.0
SERVER_ERRORS = 4.0
UPSALES = "upsales"
CLOCK = "clock"
BESIDE = frozenset({UPSALES, CLOCK})
"""Targets that are no processes."""
ENDS: Mapping[Deed, Deed] = {"freeze": "thaw", "fail": "mend"}
"""What ends a deed after its seconds."""
AOF = "appendonlydir"
"""Where Valkey keeps its data."""


@dataclass(frozen=True, slots=True, order=True)
class Act:
    at: float
    deed: Deed
    target: str
    seconds: float = 0.0

    def __str__(self) -> str:
        lasting = f" for {self.seconds:g} s" if self.seconds else ""
        return f"{self.at:6.1f} s  {self.deed} {self.target}{lasting}"


def schedule(seed: int, kills: int, seconds: float, database: Kind, times: Times) -> Sequence[Act]:
    """So many kills within so many seconds.

    Besides, every fifth time a wipe, every tenth an outage and a crash, every twentieth a freeze, a Redis put back,
    server errors to every call, and a clock set back.
    """
    random = Random(f"mayhem {seed}")

    def when() -> float:
        return round(random.uniform(0.03, 1.0) * seconds, 1)

    acts = [Act(when(), "kill", _drawn(random)) for _ in range(kills - kills // 10)]
    acts += [Act(when(), "kill a child of", "web") for _ in range(kills // 10)]
    acts += [Act(when(), "wipe", "valkey") for _ in range(max(kills // 5, 1))]
    freezes = max(kills // 20, 1)
    for number in range(freezes):
        # One after the other: with both workers frozen nothing happens at all.
        at = round((number + random.uniform(0.1, 0.5)) * seconds / freezes, 1)
        acts.append(Act(at, "freeze", random.choice(WORKERS), times.frozen))
    for _ in range(max(kills // 10, 1)):
        acts.append(Act(when(), "outage", UPSALES, OUTAGE))
        if database == "postgresql":
            acts.append(Act(when(), "crash", "postgresql"))
    for _ in range(max(kills // 20, 1)):
        acts += _restored(random, seconds)
        acts.append(Act(when(), "fail", UPSALES, SERVER_ERRORS))
        acts.append(Act(when(), "set back", CLOCK, SET_BACK))
    return sorted(acts)


def _restored(random: Random, seconds: float) -> Sequence[Act]:
    """Redis comes back with what it held much earlier."""
    saved, restored = random.uniform(0.1, 0.5), random.uniform(0.6, 0.95)
    return Act(round(saved * seconds, 1), "save", "valkey"), Act(round(restored * seconds, 1), "restore", "valkey")


def _drawn(random: Random) -> str:
    return random.choices(tuple(KILLED), tuple(KILLED.values()))[0]


@dataclass(slots=True)
class Mayhem:
    """Carries out a schedule in a thread of its own."""

    acts: Sequence[Act]
    supervision: Supervision
    sandbox: Sandbox
    place: Place
    done: Counter[str] = field(default_factory=Counter)
    _stop: threading.Event = field(default_factory=threading.Event)
    _thread: threading.Thread | None = None
    failure: Exception | None = None
    faults: int = 0
    _failing: list[int] = field(default_factory=list)

    def start(self) -> None:
        self._thread = threading.Thread(target=self._run, name="mayhem", daemon=True)
        self._thread.start()

    def finished(self, seconds: float) -> bool:
        """Waits at most so long. Raises what the thread raised."""
        assert self._thread is not None
        self._thread.join(seconds)
        if self.failure is not None:
            raise self.failure
        return not self._thread.is_alive()

    def stop(self) -> None:
        self._stop.set()
        if self._thread is not None:
            self._thread.join()

    def _run(self) -> None:
        begun, number = time.monotonic(), count()
        heap = [(act.at, next(number), act) for act in self.acts]
        heapq.heapify(heap)
        try:
            while heap:
                at, _, act = heapq.heappop(heap)
                if self._stop.wait(max(begun + at - time.monotonic(), 0.0)):
                    return
                if act.target in self.supervision.names or act.target in BESIDE:
                    self._do(act)
                if act.deed in ENDS:
                    end = Act(at + act.seconds, ENDS[act.deed], act.target)
                    heapq.heappush(heap, (end.at, next(number), end))
        except Exception as error:  # noqa: BLE001 - it is raised again where the run is waited for
            self.failure = error

    def _do(self, act: Act) -> None:
        self.done[act.deed] += 1
        match act.deed:
            case "kill":
                self.supervision[act.target].send(signal.SIGKILL)
            case "kill a child of":
                self.supervision[act.target].kill_a_child()
            case "crash":
                # To PostgreSQL: end at once, and recover at the next start.
                self.supervision[act.target].send_one(signal.SIGQUIT)
            case "freeze":
                self.supervision[act.target].send(signal.SIGSTOP)
            case "thaw":
                self.supervision[act.target].send(signal.SIGCONT)
            case "wipe":
                self._wipe()
            case "outage":
                self.sandbox.add_faults([{"kind": "outage", "seconds": act.seconds}])
            case "fail":
                self._failing += self.sandbox.add_faults([{"kind": "error_before_commit"}])
            case "mend":
                self.faults += self.sandbox.clear_faults(self._failing.pop())
            case "save":
                self._save()
            case "restore":
                self._restore()
            case "set back":
                self.place.clock.set_back(act.seconds)

    def _save(self) -> None:
        """While it stands still, its files are of one moment."""
        valkey = self.supervision["valkey"]
        valkey.send(signal.SIGSTOP)
        try:
            shutil.copytree(self.place.directory / "valkey" / AOF, self._saved, dirs_exist_ok=True)
        finally:
            valkey.send(signal.SIGCONT)

    def _restore(self) -> None:
        held = self.place.directory / "valkey" / AOF
        with self.supervision.down("valkey"):
            shutil.rmtree(held)
            shutil.copytree(self._saved, held)

    @property
    def _saved(self) -> Path:
        return self.place.directory / "valkey-saved"

    def _wipe(self) -> None:
        """A server that was just killed is waited for."""
        for _ in range(20):
            try:
                with redis.Redis.from_url(self.place.redis_url, protocol=2, socket_timeout=2) as client:
                    client.flushall()
            except redis.RedisError:
                time.sleep(0.2)
            else:
                return
