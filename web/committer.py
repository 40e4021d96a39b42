"""Group commit: all who wait share one transaction, so that an answer that means "on disk" stays cheap."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import Future
from queue import Empty, SimpleQueue
from threading import Lock, Thread, current_thread
from typing import Generic, TypeAlias, TypeVar

import structlog

from worker.store import StoreUnavailable

T = TypeVar("T")
R = TypeVar("R")

LARGEST_BATCH = 128
LOCK_SHARE = 0.75
IMPATIENCE = 8

_log = structlog.get_logger()


class Committer(Generic[T, R]):
    """One thread per process that commits whatever waits.

    `together(items, wait)` is one transaction; when it raises anything but StoreUnavailable, `apart(item)` tries each alone.
    `committed` gets the results after those who wait have theirs. A process that was forked or lost its thread starts a new one.
    """

    def __init__(
        self,
        together: Callable[[Sequence[T], float], Sequence[R]],
        apart: Callable[[T], R],
        committed: Callable[[Sequence[R]], None],
        *,
        deadline: float,
    ) -> None:
        self._together = together
        self._apart = apart
        self._committed = committed
        self._deadline = deadline
        self._wait = deadline * LOCK_SHARE
        self._queue: SimpleQueue[_Ticket[T, R] | None] = SimpleQueue()
        self._starting = Lock()
        self._thread: Thread | None = None
        self._closed = False

    def submit(self, item: T) -> R:
        """Wait until the item is committed. Raises StoreUnavailable at the deadline, or what its own transaction raised."""
        if self._closed:
            raise StoreUnavailable("This process is stopping.")
        outcome: Future[R] = Future()
        self._queue.put((item, outcome))
        self._start()
        try:
            return outcome.result(self._deadline)
        except TimeoutError:
            outcome.cancel()
            raise StoreUnavailable(f"The database did not take it within {self._deadline:g} s.") from None

    def close(self) -> None:
        """Take no more, commit what waits."""
        self._closed = True
        thread = self._thread
        if thread is not None and thread.is_alive() and thread is not current_thread():
            self._queue.put(None)
            thread.join(self._deadline)

    def _start(self) -> None:
        if self._thread is not None and self._thread.is_alive():
            return
        with self._starting:
            if self._thread is None or not self._thread.is_alive():
                self._thread = Thread(target=self._run, name="committer", daemon=True)
                self._thread.start()

    def _run(self) -> None:
        while batch := self._batch():
            wanted = [(item, outcome) for item, outcome in batch if outcome.set_running_or_notify_cancel()]
            if not wanted:
                continue
            results = self._commit(wanted)
            if results:
                self._pass_on(results)

    def _batch(self) -> list[_Ticket[T, R]]:
        """Whatever waits; empty when it is time to stop."""
        batch = []
        ticket = self._queue.get()
        while ticket is not None:
            batch.append(ticket)
            if len(batch) == LARGEST_BATCH:
                break
            try:
                ticket = self._queue.get_nowait()
            except Empty:
                break
        else:
            if batch:
                self._queue.put(None)
        return batch

    def _commit(self, tickets: Sequence[_Ticket[T, R]]) -> list[R]:
        try:
            results = list(self._together([item for item, _ in tickets], self._wait))
        except StoreUnavailable as error:
            # Until the database is back, those who come next need not wait as long.
            self._wait = self._deadline * LOCK_SHARE / IMPATIENCE
            for _, outcome in tickets:
                outcome.set_exception(error)
            return []
        except Exception as error:  # noqa: BLE001 - whatever one row did, the others must not suffer
            _log.warning("batch_refused", requests=len(tickets), error=type(error).__name__)
            return self._one_by_one(tickets)
        self._wait = self._deadline * LOCK_SHARE
        for (_, outcome), result in zip(tickets, results, strict=True):
            outcome.set_result(result)
        return results

    def _one_by_one(self, tickets: Sequence[_Ticket[T, R]]) -> list[R]:
        results = []
        for item, outcome in tickets:
            try:
                result = self._apart(item)
            except Exception as error:  # noqa: BLE001 - it is the one who waits that must hear of it
                outcome.set_exception(error)
            else:
                outcome.set_result(result)
                results.append(result)
        return results

    def _pass_on(self, results: Sequence[R]) -> None:
        try:
            self._committed(results)
        except Exception:  # noqa: BLE001 - the thread must outlive it; the sweeper rings what was missed
            _log.exception("committed_but_not_passed_on")


_Ticket: TypeAlias = tuple[T, Future[R]]
