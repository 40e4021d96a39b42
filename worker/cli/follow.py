"""Follows a list: tells which rows are new, however late they were committed."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable, Collection, Hashable, Iterable, Mapping, Sequence
from typing import Any, Generic, TypeAlias, TypeVar

from worker.cli.lines import Lines
from worker.cli.output import say
from worker.store import StoreUnavailable

Id = TypeVar("Id", bound=Hashable)
SETTLED = 15.0
"""Seconds in which a transaction that has taken its place in a sequence is over: longer than any waits for a lock."""
UNSETTLED = ("open", "unknown")
REACH = 2000
"""How far below the newest place, at the start, one may be that is not committed yet."""


class Places:
    """Follows a sequence. On PostgreSQL a lower place can be committed after a higher one."""

    def __init__(self, newest: int, committed: Iterable[int]) -> None:
        """`committed`: what is there from `newest` - REACH on."""
        self.floor = max(newest - REACH, 0)
        self._seen = {place for place in committed if place > self.floor}
        self._marks: deque[tuple[float, int]] = deque([(float("-inf"), self.floor)])

    def new(self, places: Iterable[int], now: float) -> list[int]:
        """Of those above the floor. Once everything below a place is settled, it is the floor."""
        found = sorted(set(places) - self._seen)
        self._seen.update(found)
        highest = max(self._seen, default=self.floor)
        if highest > self._marks[-1][1]:
            self._marks.append((now, highest))
        while len(self._marks) > 1 and self._marks[1][0] <= now - SETTLED:
            self._marks.popleft()
        if self._marks[0][1] > self.floor and self._marks[0][0] <= now - SETTLED:
            self.floor = self._marks[0][1]
            self._seen = {place for place in self._seen if place > self.floor}
        return found


class Changes(Generic[Id]):
    """Follows the states of a bounded set: those of a window of time, or those that are asked for."""

    def __init__(self, states: Mapping[Id, str]) -> None:
        self._states = dict(states)

    @property
    def unsettled(self) -> set[Id]:
        """Those that may become something else however old they are."""
        return {each for each, state in self._states.items() if state in UNSETTLED}

    def new(self, states: Mapping[Id, str]) -> Collection[Id]:
        """Those whose state is another than before. What is no longer in the window is forgotten."""
        found = [each for each, state in states.items() if self._states.get(each) != state]
        self._states = dict(states)
        return found


Row: TypeAlias = Mapping[str, Any]
EVERY = 0.5


def follow(
    first: Sequence[Row],
    news: Callable[[], Sequence[Row]],
    columns: Sequence[str],
    *,
    as_json: bool,
    sleep: Callable[[float], None] = time.sleep,
) -> None:
    """Print these rows, then new ones as they come, until Ctrl-C. A database that is away is waited for."""
    lines, away = Lines(columns, as_json=as_json), False
    try:
        lines.show(first)
        while True:
            try:
                lines.show(news())
                away = False
            except StoreUnavailable as error:
                if not away:
                    say(f"{error} Waiting for it.", err=True)
                away = True
            sleep(EVERY)
    except KeyboardInterrupt:
        return
