"""Group commit: who waits together is committed together, and nobody suffers for another."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import AbstractContextManager, contextmanager, nullcontext
from queue import SimpleQueue
from threading import Event, Thread, current_thread

import pytest

from web.group_commit import Committer, Ticket
from worker.store import StoreUnavailable

LONG = 30.0


class Refused(Exception):
    """What a database says to a bad row."""


def kept(items: Sequence[str]) -> Sequence[str]:
    if any("bad" in item for item in items):
        raise Refused
    return [f"kept {item}" for item in items]


class Books:
    """A database whose door the test opens; what was committed together, in order."""

    def __init__(self) -> None:
        self.waits: list[float] = []
        self.batches: list[Sequence[str]] = []
        self.passed_on: SimpleQueue[Sequence[str]] = SimpleQueue()
        self.entered = Event()
        self.open = Event()
        self.committed = Event()
        self.away = False

    def committer(
        self, committed: Callable[[Sequence[str]], None] | None = None, *, deadline: float = LONG
    ) -> Committer[None, str, str]:
        passed_on = committed or self.passed_on.put
        return Committer(self._transaction, self._together, self._apart, passed_on, deadline=deadline)

    @contextmanager
    def _transaction(self, wait: float) -> Iterator[None]:
        self.waits.append(wait)
        self.entered.set()
        assert self.open.wait(LONG)
        if self.away:
            raise StoreUnavailable("The database is away.")
        yield

    def _together(self, _conn: None, items: Sequence[str]) -> Sequence[str]:
        results = kept(items)
        self.batches.append(items)
        self.committed.set()
        return results

    def _apart(self, item: str) -> str:
        return kept([item])[0]


def submitted(committer: Committer[None, str, str], books: Books, items: Sequence[str]) -> list[Future[str]]:
    """All wait for the same transaction: the first one has entered it when the others come, and they are in the queue when it opens."""
    pool = ThreadPoolExecutor(len(items))
    first = pool.submit(committer.submit, items[0])
    assert books.entered.wait(LONG)
    others = [pool.submit(committer.submit, item) for item in items[1:]]
    while committer.waiting < len(others):
        pass
    books.open.set()
    pool.shutdown(wait=True)
    return [first, *others]


def test_who_waits_together_shares_one_transaction() -> None:
    books = Books()
    items = [f"event {n}" for n in range(20)]

    outcomes = submitted(books.committer(), books, items)

    assert [outcome.result() for outcome in outcomes] == [f"kept {item}" for item in items]
    assert [sorted(batch) for batch in books.batches] == [sorted(items)]
    assert len(books.passed_on.get(timeout=LONG)) == 20


def test_one_bad_row_harms_no_other() -> None:
    books = Books()

    good, bad, also_good = submitted(books.committer(), books, ["å", "bad", "ö"])

    assert good.result() == "kept å"
    assert also_good.result() == "kept ö"
    assert isinstance(bad.exception(), Refused)
    assert sorted(books.passed_on.get(timeout=LONG)) == ["kept å", "kept ö"]


def test_while_the_database_is_away_all_are_told_and_the_next_wait_less() -> None:
    books = Books()
    books.away = True
    committer = books.committer()

    outcomes = submitted(committer, books, ["a", "b", "c"])
    with pytest.raises(StoreUnavailable):
        committer.submit("d")
    books.away = False
    committer.submit("e")
    committer.submit("f")

    assert all(isinstance(outcome.exception(), StoreUnavailable) for outcome in outcomes)
    patient, impatient, still, again = books.waits
    assert impatient == still < patient == again
    assert books.batches == [["e"], ["f"]]


@pytest.mark.filterwarnings("ignore::pytest.PytestUnhandledThreadExceptionWarning")
def test_without_its_thread_as_after_a_fork_it_starts_another() -> None:
    books = Books()
    books.open.set()

    threads: SimpleQueue[Thread] = SimpleQueue()

    def die(_results: Sequence[str]) -> None:
        threads.put(current_thread())
        raise SystemExit

    committer = books.committer(die)

    for item in ("a", "b"):
        assert committer.submit(item) == f"kept {item}"
        threads.get(timeout=LONG).join(LONG)


def test_what_can_not_be_passed_on_is_committed_all_the_same() -> None:
    books = Books()
    books.open.set()

    def fail(_results: Sequence[str]) -> None:
        raise OSError

    committer = books.committer(fail)

    assert [committer.submit(item) for item in ("a", "b")] == ["kept a", "kept b"]


def test_who_has_given_up_is_left_out() -> None:
    given_up: Ticket[str, str] = Ticket("late")

    with pytest.raises(StoreUnavailable, match="within 0 s"):
        given_up.wait(0)

    assert given_up.given_up


def test_at_the_deadline_the_wait_is_over() -> None:
    stuck = Event()

    def transaction(_wait: float) -> AbstractContextManager[None]:
        stuck.wait(LONG)
        return nullcontext()

    committer: Committer[None, str, str] = Committer(
        transaction, lambda _conn, items: kept(items), str, lambda _results: None, deadline=0.001
    )
    try:
        with pytest.raises(StoreUnavailable):
            committer.submit("a")
    finally:
        stuck.set()


def test_whoever_gave_up_before_the_transaction_began_is_not_committed() -> None:
    books = Books()
    committer: Committer[None, str, str] = books.committer(deadline=0.001)
    with pytest.raises(StoreUnavailable, match=r"within 0\.001 s"):
        committer.submit("sen")
    books.open.set()
    assert books.committed.wait(LONG)
    assert books.batches == [[]]


def test_whoever_waits_for_the_lock_leaves_time_for_the_commit() -> None:
    books = Books()
    books.open.set()
    books.committer().submit("å")
    assert books.waits == [pytest.approx(0.75 * LONG)]
