"""Shares the threads of a worker among the connections whose messages wait."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager
from threading import Lock

MOST_PASSED = 100
"""Messages in a row that are passed over. A message that got lost may be waited for in vain."""


class Turns:
    """Whoever has the fewest threads is next. A connection that is alone has them all. Safe to share between threads.

    `waiting` answers the connections that have messages in the queue of urgent events, or in the other one.
    """

    def __init__(self, waiting: Callable[[bool], Collection[str]]) -> None:
        self._waiting = waiting
        self._lock = Lock()
        self._in_hand: Counter[str] = Counter()
        self._passed = 0

    @contextmanager
    def turn(self, connection: str, *, priority: bool) -> Iterator[bool]:
        """Whether it is the connection's turn; then it has a thread until this ends."""
        mine = self._begin(connection, priority=priority)
        try:
            yield mine
        finally:
            if mine:
                with self._lock:
                    self._in_hand[connection] -= 1

    def over(self, connection: str, *, priority: bool) -> bool:
        """Whether a turn has to end, as others wait who have fewer threads than the connection would keep without it."""
        with self._lock:
            others = self._in_hand[connection] - 1
        return others > 0 and self._less(connection, others, priority=priority)

    def _begin(self, connection: str, *, priority: bool) -> bool:
        with self._lock:
            mine = self._in_hand[connection]
        passed = mine > 0 and self._less(connection, mine, priority=priority)
        with self._lock:
            if passed and self._passed < MOST_PASSED:
                self._passed += 1
                return False
            self._passed = 0
            self._in_hand[connection] += 1
            return True

    def _less(self, connection: str, threads: int, *, priority: bool) -> bool:
        """Whether somebody else waits who has fewer threads."""
        waiting = self._waiting(priority)
        with self._lock:
            return any(self._in_hand[other] < threads for other in waiting if other != connection)
