"""The threads of a worker, shared among the connections that wait."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack

import pytest

from worker.queue.turns import MOST_PASSED, Turns


class Queue:
    """Who waits in it."""

    def __init__(self, *waiting: str) -> None:
        self.waiting = {*waiting}

    def __call__(self, _priority: bool) -> set[str]:  # noqa: FBT001 - the port's signature
        return self.waiting


@pytest.fixture
def threads() -> Iterator[ExitStack]:
    with ExitStack() as held:
        yield held


def take(turns: Turns, threads: ExitStack, connection: str, times: int = 1) -> list[bool]:
    return [threads.enter_context(turns.turn(connection, priority=False)) for _ in range(times)]


def test_a_connection_that_is_alone_has_all_threads(threads: ExitStack) -> None:
    assert take(Turns(Queue("butik")), threads, "butik", 8) == [True] * 8


def test_whoever_has_none_is_next(threads: ExitStack) -> None:
    queue = Queue("butik")
    turns = Turns(queue)
    take(turns, threads, "butik", 7)
    queue.waiting.add("kassa")
    assert take(turns, threads, "butik") == [False]
    assert take(turns, threads, "kassa") == [True]


def test_of_several_whoever_has_the_fewest_is_next_and_no_thread_stays_idle(threads: ExitStack) -> None:
    turns = Turns(Queue("a", "b", "ö"))
    begun = dict.fromkeys("abö", 0)
    for _ in range(30):
        for name in begun:
            begun[name] += take(turns, threads, name)[0]
    assert begun == dict.fromkeys("abö", 30)
    assert take(turns, threads, "a", 2) == [True, False]


def test_a_turn_that_ended_counts_no_more() -> None:
    turns = Turns(Queue("butik", "kassa"))
    for _ in range(3):
        with turns.turn("butik", priority=False) as mine:
            assert mine


def test_a_lost_message_is_not_waited_for_for_ever(threads: ExitStack) -> None:
    turns = Turns(Queue("butik", "kassa"))
    assert take(turns, threads, "butik", MOST_PASSED + 2) == [True, *[False] * MOST_PASSED, True]


def test_a_long_turn_is_over_when_others_wait_and_have_less(threads: ExitStack) -> None:
    queue = Queue("butik")
    turns = Turns(queue)
    take(turns, threads, "butik", 2)
    assert not turns.over("butik", priority=False)
    queue.waiting.add("kassa")
    assert turns.over("butik", priority=False)
    take(turns, threads, "kassa")
    assert not turns.over("butik", priority=False)
