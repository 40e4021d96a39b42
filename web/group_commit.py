"""Commits all waiting requests in one transaction.

So an answer that means "on disk" stays cheap.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from queue import Empty, SimpleQueue
from threading import Lock
from typing import Generic, TypeVar

import structlog

from worker.queue.thread import DaemonThread
from worker.store import StoreUnavailable

C = TypeVar("C")
T = TypeVar("T")
R = TypeVar("R")

LARGEST_BATCH = 128
LOCK_SHARE = 0.75
IMPATIENCE = 8

_log = structlog.get_logger()


class Ticket(Generic[T, R]):
    """One who waits for a commit."""

    __slots__ = ("_error", "_results", "_settled", "given_up", "item")

    def __init__(self, item: T) -> None:
        self.item = item
        self.given_up = False
        self._results: tuple[R, ...] = ()
        self._error: Exception | None = None
        self._settled = Lock()
        self._settled.acquire()

    def wait(self, seconds: float) -> R:
        if not self._settled.acquire(timeout=seconds):
            self.given_up = True
            raise StoreUnavailable(f"The database did not take it within {seconds:g} s.")
        if self._error is not None:
            raise self._error
        (result,) = self._results
        return result

    def done(self, result: R) -> None:
        self._results = (result,)
        self._settled.release()

    def failed(self, error: Exception) -> None:
        self._error = error
        self._settled.release()


def unheard(_error: Exception | None) -> None:
    pass


class Committer(Generic[C, T, R]):
    """One thread per process that commits whatever waits.

    `transaction(wait)` is entered before it is decided who takes part: who comes while others write is not left behind.
    When `together` raises anything but StoreUnavailable, `apart` tries each item in a transaction of its own.
    `committed` gets the results after those who wait have theirs. `ended` hears of each commit, and why it failed.
    """

    def __init__(
        self,
        transaction: Callable[[float], AbstractContextManager[C]],
        together: Callable[[C, Sequence[T]], Sequence[R]],
        apart: Callable[[T], R],
        committed: Callable[[Sequence[R]], None],
        *,
        deadline: float,
        ended: Callable[[Exception | None], object] = unheard,
    ) -> None:
        self._ended = ended
        self._transaction = transaction
        self._together = together
        self._apart = apart
        self._committed = committed
        self._deadline = deadline
        self._wait = deadline * LOCK_SHARE
        self._queue: SimpleQueue[Ticket[T, R]] = SimpleQueue()
        self._thread = DaemonThread(self._run, "committer")

    @property
    def waiting(self) -> int:
        return self._queue.qsize()

    def submit(self, item: T) -> R:
        """Wait until the item is committed. Raises StoreUnavailable at the deadline, or what its own transaction raised."""
        ticket: Ticket[T, R] = Ticket(item)
        self._queue.put(ticket)
        self._thread.start()
        try:
            return ticket.wait(self._deadline)
        finally:
            if ticket.given_up:
                self._ended(StoreUnavailable(f"The database did not take a webhook within {self._deadline:g} s."))

    def _run(self) -> None:
        while True:
            results = self._commit([self._queue.get()])
            if results:
                self._pass_on(results)

    def _commit(self, batch: list[Ticket[T, R]]) -> Sequence[R]:
        try:
            with self._transaction(self._wait) as conn:
                self._take_more(batch)
                batch = [ticket for ticket in batch if not ticket.given_up]
                results = self._together(conn, [ticket.item for ticket in batch])
        except StoreUnavailable as error:
            # Until the database is back, those who come next need not wait as long.
            self._wait = self._deadline * LOCK_SHARE / IMPATIENCE
            self._take_more(batch)
            self._ended(error)
            for ticket in batch:
                ticket.failed(error)
            return ()
        except Exception as error:  # noqa: BLE001 - whatever one row did, the others must not suffer
            _log.warning(
                "a batch was refused: its requests are committed one by one",
                requests=len(batch),
                error=type(error).__name__,
            )
            return self._one_by_one(batch)
        self._wait = self._deadline * LOCK_SHARE
        self._ended(None)
        for ticket, result in zip(batch, results, strict=True):
            ticket.done(result)
        return results

    def _take_more(self, batch: list[Ticket[T, R]]) -> None:
        while len(batch) < LARGEST_BATCH:
            try:
                batch.append(self._queue.get_nowait())
            except Empty:
                return

    def _one_by_one(self, batch: Sequence[Ticket[T, R]]) -> Sequence[R]:
        results = []
        for ticket in batch:
            try:
                result = self._apart(ticket.item)
            except Exception as error:  # noqa: BLE001 - it is the one who waits that must hear of it
                self._ended(error)
                ticket.failed(error)
            else:
                self._ended(None)
                ticket.done(result)
                results.append(result)
        return results

    def _pass_on(self, results: Sequence[R]) -> None:
        try:
            self._committed(results)
        except Exception:  # noqa: BLE001 - the thread must outlive it; the sweep rings what was missed
            _log.exception("wake-ups for committed events failed: the sweep sends them")
