"""Measures whether a key's write windows are used up and never overrun.

python -m bench.saturation [--phases 20] [--together 5] [--windows 2] [--wipe]

Three workers share windows of unknown phase, and answers take their time. The sandbox counts in fixed windows like Upsales, scaled down, each key with phases of its own. More work waits than the windows
allow, at any time. `--wipe` empties Redis in the middle of each run.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from redis import Redis

from bench.house import House, Layout, company, house, within

SHORT, LONG = (60, 30.0), (100, 60.0)
"""Writes and seconds, like Upsales's 2 000 in ten minutes and 5 000 in an hour: the second one is what limits."""
WORKERS = 3
WAITING = 90
"""Events of each key that wait at any time: more than there are places."""


@dataclass(frozen=True, slots=True)
class Key:
    """What became of one key. `most`: the most writes that any of the sandbox's windows held."""

    name: str
    used: int
    allowed: int
    refused: int

    @property
    def share(self) -> float:
        return self.used / self.allowed


def main() -> int:
    options = _options()
    keys = [key for seed in range(0, options.phases, options.together) for key in _run(options, seed)]
    for key in keys:
        print(f"{key.name:12} {key.used:5} of {key.allowed:5} writes, {key.share:6.1%}, {key.refused} answered 429")
    worst, refused = min(key.share for key in keys), sum(key.refused for key in keys)
    print(
        f"\n{len(keys)} phases: {sum(key.share for key in keys) / len(keys):.1%} used, at the least {worst:.1%}; 429: {refused}"
    )
    most = 1 if options.wipe else 0
    return 1 if worst < 0.98 or any(key.refused > most for key in keys) else 0


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--phases", type=int, default=20)
    parser.add_argument("--together", type=int, default=5, help="keys at the same time")
    parser.add_argument("--windows", type=int, default=2, help="length of a run, in the longer window's lengths")
    parser.add_argument("--wipe", action="store_true", help="empty Redis in the middle")
    return parser.parse_args()


def _run(options: argparse.Namespace, seed: int) -> Sequence[Key]:
    with tempfile.TemporaryDirectory(prefix="relay-bench-") as scratch:
        names = [f"nyckel-{seed + number}" for number in range(options.together)]
        with house(Path(scratch), _layout(names, seed)) as place:
            feed = Feed(place, names)
            feed.top_up()
            place.start_workers(WORKERS)
            return list(_watch(place, feed, options))


def _layout(names: Sequence[str], seed: int) -> Layout:
    windows = ",".join(f"{limit}/{seconds:g}" for limit, seconds in (SHORT, LONG))
    return Layout(
        keys={name: f"hemlig-{name}" for name in names},
        sandbox=(
            "--calls", "100000/10", "--writes", windows, "--phase", "random", "--seed", str(seed),
            "--latency", "0.02", "--jitter", "0.1", "--search-lag", "0.5",
        ),
        upsales={"writes": "[" + ", ".join(f'"{limit}/{seconds:g}s"' for limit, seconds in (SHORT, LONG)) + "]"},
        delivery={"sweep_every": "0.25"},
    )  # fmt: skip


@dataclass(slots=True)
class Feed:
    """Something always waits."""

    place: House
    names: Sequence[str]
    fed: int = 0

    def top_up(self) -> None:
        waiting = self.place.statuses_by_connection()
        for name in self.names:
            wanted = range(self.fed, self.fed + WAITING - waiting.get((name, "pending"), 0))
            if wanted:
                self.place.accept(name, [company(number, 1, name=name) for number in wanted])
        self.fed += WAITING


def _watch(place: House, feed: Feed, options: argparse.Namespace) -> Iterator[Key]:
    """From each key's first write, over so many windows."""
    names, allowed = feed.names, int(options.windows * LONG[0])
    within(60, lambda: len({call["key"] for call in _writes(place)}) == len(names), "every key has written")
    first = {name: next(call["time"] for call in _writes(place) if call["key"] == name) for name in names}
    length = options.windows * LONG[1]
    if options.wipe:
        _feed_until(feed, time.time() + length / 2)
        with Redis.from_url(place.redis_url, protocol=2) as redis:
            redis.flushall()
    _feed_until(feed, max(first.values()) + length + 1)
    calls = _writes(place)
    for name in names:
        mine = [call for call in calls if call["key"] == name and call["time"] < first[name] + length]
        refused = sum(call["status"] == 429 for call in mine)
        yield Key(name, len(mine) - refused, allowed, refused)


def _feed_until(feed: Feed, end: float) -> None:
    while time.time() < end:
        feed.top_up()
        time.sleep(0.5)


def _writes(place: House) -> Sequence[Mapping[str, Any]]:
    return [call for call in place.calls() if call["write"]]


if __name__ == "__main__":
    sys.exit(main())
