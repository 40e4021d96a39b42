"""Tells what came in, what became of it and what waits, over a window of time."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import accumulate
from typing import Final, TypeAlias

from sqlalchemy import Connection

from worker.instruments.outcomes import REFUSED
from worker.store.db.clock import now
from worker.store.db.tables import EPOCH
from worker.store.instruments.counters import ANSWERED, BUCKETS, COME, FATES, RECEIVED, TOOK, Counts, minute_of
from worker.store.instruments.over_time import by_stretch
from worker.store.instruments.totals import totals, waiting

MINUTE = timedelta(minutes=1)
REFUSALS: Final = tuple(ANSWERED + reason for reason in (*REFUSED, "unknown"))
BOUNDS: Final = (*(f"{bound:g}" for bound in BUCKETS), "inf")
WHATS: Final = (*COME, *FATES, *REFUSALS, *(TOOK + bound for bound in BOUNDS))

Stretches: TypeAlias = Mapping[tuple[str, str, int], int]
"""(connection, what, number of the stretch) → how often."""
_Lines: TypeAlias = defaultdict[str, Counter[int]]
"""What → number of the stretch → how often."""


@dataclass(frozen=True, slots=True)
class Window:
    """So many stretches of `step` minutes that are over, and the one that is not."""

    step: int
    stretches: int


WINDOWS: Final[Mapping[str, Window]] = {"1h": Window(1, 60), "24h": Window(60, 24), "7d": Window(180, 56)}
USUAL: Final = "24h"


@dataclass(frozen=True, slots=True)
class Between:
    """Seconds: more than `above`, at most `most`; None: no more is known than that it is longer."""

    above: float
    most: float | None


@dataclass(frozen=True, slots=True)
class Latency:
    """From received to delivered, of so many. Which of the counted stretches of time half of them, and 95 of a hundred, were within."""

    delivered: int
    p50: Between | None
    p95: Between | None


@dataclass(frozen=True, slots=True)
class Refusal:
    """Requests of one connection that were refused for one reason. `connection` is empty where they named none that there is."""

    connection: str
    reason: str
    number: int
    first: datetime
    last: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Amounts:
    """`ended`: how often each fate came in the window. `waiting`: now. Of the lines, the last stretch is not over.

    `a_minute`: received. `waited`: at the end of each stretch. `refused_line`: in each.
    """

    received: int
    ended: Mapping[str, int]
    waiting: int
    refused: int
    a_minute: Sequence[float]
    waited: Sequence[int]
    refused_line: Sequence[int]


@dataclass(frozen=True, slots=True, kw_only=True)
class Traffic:
    """`step`: seconds of a stretch. `ever`: whether anything was received since counting began."""

    since: datetime
    step: float
    whole: Amounts
    connections: Mapping[str, Amounts]
    refusals: Sequence[Refusal]
    latency: Latency
    ever: bool


def traffic(conn: Connection, window: Window, names: Collection[str]) -> Traffic:
    """Of these connections, and of all others that were counted."""
    at = now(conn)
    first = minute_of(at) // window.step - window.stretches
    counted = by_stretch(conn, WHATS, first * window.step, window.step)
    return summed(counted, totals(conn, (*COME, *FATES)), window, at, names)


def summed(counted: Stretches, in_all: Counts, window: Window, at: datetime, names: Collection[str]) -> Traffic:
    stretches = _Grid(window, minute_of(at))
    wait = waiting(in_all)
    by_name: dict[str, _Lines] = {name: _lines() for name in (*names, *(name for name, n in wait.items() if n))}
    whole = _lines()
    for (name, what, place), n in counted.items():
        for lines in (whole, by_name.setdefault(name, _lines())):
            lines[what][place] += n
    return Traffic(
        since=EPOCH + stretches.places[0] * window.step * MINUTE,
        step=window.step * 60.0,
        whole=stretches.amounts(whole, sum(wait.values())),
        connections={
            name: stretches.amounts(lines, wait.get(name, 0)) for name, lines in sorted(by_name.items()) if name
        },
        refusals=_refusals(counted, window, at),
        latency=_latency([whole[TOOK + bound].total() for bound in BOUNDS]),
        ever=any(n for (_, what), n in in_all.items() if what == RECEIVED),
    )


def _lines() -> _Lines:
    return defaultdict(Counter)


class _Grid:
    """The stretches of a window, numbered from the epoch."""

    def __init__(self, window: Window, minute: int) -> None:
        last = minute // window.step
        self.places = range(last - window.stretches, last + 1)
        self._lengths = [window.step] * window.stretches + [minute - last * window.step + 1]

    def amounts(self, lines: _Lines, waits: int) -> Amounts:
        came, went, refused = (self._line(lines, whats) for whats in (COME, FATES, REFUSALS))
        received = self._line(lines, (RECEIVED,))
        return Amounts(
            received=sum(received),
            ended={fate: lines[fate].total() for fate in FATES},
            waiting=max(waits, 0),
            refused=sum(refused),
            a_minute=[round(n / length, 2) for n, length in zip(received, self._lengths, strict=True)],
            waited=_backwards(waits, came, went),
            refused_line=refused,
        )

    def _line(self, lines: _Lines, whats: Collection[str]) -> Sequence[int]:
        return [sum(lines[what][place] for what in whats) for place in self.places]


def _backwards(waits: int, came: Sequence[int], went: Sequence[int]) -> Sequence[int]:
    """How many waited at the end of each stretch, from how many do now."""
    changes = [gone - new for new, gone in zip(came, went, strict=True)]
    back = list(accumulate(reversed(changes[1:]), initial=waits))
    return [max(n, 0) for n in reversed(back)]


def _refusals(counted: Stretches, window: Window, at: datetime) -> Sequence[Refusal]:
    places: dict[tuple[str, str], list[int]] = {}
    numbers: Counter[tuple[str, str]] = Counter()
    for (name, what, place), n in counted.items():
        if what in REFUSALS and n:
            key = name, what.removeprefix(ANSWERED)
            numbers[key] += n
            places.setdefault(key, []).append(place)
    return [
        Refusal(
            name,
            reason,
            n,
            first=EPOCH + min(places[name, reason]) * window.step * MINUTE,
            last=min(EPOCH + (max(places[name, reason]) + 1) * window.step * MINUTE, at),
        )
        for (name, reason), n in sorted(numbers.items(), key=lambda item: (-item[1], item[0]))
    ]


def _latency(numbers: Sequence[int]) -> Latency:
    """By the buckets, in their order."""
    return Latency(sum(numbers), _quantile(numbers, 0.5), _quantile(numbers, 0.95))


def _quantile(numbers: Sequence[int], part: float) -> Between | None:
    """Between the bounds of the bucket in which it lies: the buckets know no more."""
    wanted = part * sum(numbers)
    if not wanted:
        return None
    bucket = next(place for place, so_far in enumerate(accumulate(numbers)) if so_far >= wanted)
    return Between((0.0, *BUCKETS)[bucket], (*BUCKETS, None)[bucket])
