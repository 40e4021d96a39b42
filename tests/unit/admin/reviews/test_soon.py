"""What takes long goes on beside the page that asked for it."""

from __future__ import annotations

from threading import Event

import pytest

from worker.admin.reviews.soon import MOST, Soon


def test_what_is_there_in_a_moment_is_answered() -> None:
    assert Soon[int](30).ask("a", lambda: 17) == 17


def test_what_takes_longer_goes_on_and_is_begun_once() -> None:
    soon, may_end, begun, ended = Soon[int](0), Event(), [], Event()

    def work() -> int:
        begun.append(1)
        assert may_end.wait(30)
        ended.set()
        return 17

    assert [soon.ask("a", work) for _ in range(3)] == [None] * 3
    may_end.set()
    assert ended.wait(30)
    assert begun == [1]


def test_not_too_much_goes_on_at_once() -> None:
    soon, may_end, begun = Soon[None](0), Event(), []

    def work() -> None:
        begun.append(1)
        may_end.wait(30)

    for number in range(MOST + 3):
        soon.ask(str(number), work)
    assert soon.ask("one more", lambda: pytest.fail("it was begun")) is None
    may_end.set()


def test_who_waits_for_what_fails_is_answered_nothing() -> None:
    def work() -> int:
        raise ValueError

    assert Soon[int](30).ask("a", work) is None
