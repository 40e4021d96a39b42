"""So many bodies at a time, so many bytes, so many seconds; the one that has lasted longest gives way."""

from __future__ import annotations

import pytest

from tests.unit.web.door import Clock
from web.admission import Admission, Full, Reading


class Room:
    """An admission of three readings, a hundred bytes and ten seconds, and which readings it stopped."""

    def __init__(self) -> None:
        self.clock = Clock(0.0)
        self.admission = Admission(seconds=10, readings=3, held=100, now=self.clock)
        self.stopped: list[str] = []

    def begin(self, name: str, size: int = 10) -> Reading:
        return self.admission.begin(size, lambda: self.stopped.append(name))


def test_a_body_has_ten_seconds() -> None:
    room = Room()
    slow = room.begin("slow")
    room.clock.now = 5.0
    room.begin("later")

    room.clock.now = 9.9
    room.admission.expire()
    assert room.stopped == []
    room.clock.now = 10.0
    room.admission.expire()

    assert (room.stopped, slow.given_up) == (["slow"], True)
    assert (room.admission.readings, room.admission.held) == (1, 10)


def test_one_too_many_ends_the_one_that_lasts_longest() -> None:
    room = Room()
    for name in ("first", "second", "third", "honest"):
        room.begin(name)

    assert room.stopped == ["first"]
    assert (room.admission.readings, room.admission.held) == (3, 30)


def test_bytes_that_are_too_many_end_as_many_readings_as_it_takes() -> None:
    room = Room()
    for name in ("first", "second"):
        room.begin(name, 40)

    room.begin("large", 90)

    assert room.stopped == ["first", "second"]
    assert room.admission.held == 90


def test_what_waits_for_its_answer_is_never_given_up() -> None:
    room = Room()
    read = room.begin("read", 90)
    room.admission.read(read)
    room.clock.now = 60.0
    room.admission.expire()

    with pytest.raises(Full):
        room.begin("too much", 11)
    room.begin("fits", 10)

    assert room.stopped == []
    room.admission.let_go(read)
    room.admission.let_go(read)
    assert room.admission.held == 10
