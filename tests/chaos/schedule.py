"""Draws from a seed what is done to a run, and when."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from random import Random
from typing import Literal, TypeAlias

from tests.chaos.databases import Kind
from tests.chaos.scaled import SET_BACK, Times

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
LISTENER = "listener"
BESIDE = frozenset({UPSALES, CLOCK})
"""Targets that are no processes."""
ENDS: Mapping[Deed, Deed] = {"freeze": "thaw", "fail": "mend"}
"""What ends a deed after its seconds."""


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

    Besides, every fifth time a wipe, every fourth one of the listener, every tenth an outage and a crash, every twentieth a freeze, a Redis put back,
    server errors to every call, and a clock set back.
    """
    random = Random(f"mayhem {seed}")

    def when() -> float:
        return round(random.uniform(0.03, 1.0) * seconds, 1)

    acts = [Act(when(), "kill", _drawn(random)) for _ in range(kills - kills // 10)]
    acts += [Act(when(), "kill a child of", "web") for _ in range(kills // 10)]
    heard = Random(f"listener {seed}")
    acts += [Act(round(heard.uniform(0.05, 0.9) * seconds, 1), "kill", LISTENER) for _ in range(max(kills // 4, 1))]
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
