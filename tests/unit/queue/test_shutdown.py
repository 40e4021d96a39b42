"""The end of a process that was told to end."""

from __future__ import annotations

from dataclasses import dataclass, field

from worker.queue.shutdown import GRACE, Stop


@dataclass
class Process:
    """What happens to it, in order."""

    happened: list[object] = field(default_factory=list)

    def stop(self) -> Stop:
        return Stop(wait=self.happened.append, leave=lambda code: self.happened.append(("ended", code)))


def test_nothing_is_stopping_until_it_is_told() -> None:
    stop = Process().stop()
    assert not stop()
    stop.tell()
    assert stop()


def test_what_is_under_way_gets_its_time_and_then_it_is_over() -> None:
    process = Process()
    stop = process.stop()
    stop.at_last(lambda: process.happened.append("gave back its lanes"))
    stop.tell()
    stop.run()
    assert process.happened == [GRACE, "gave back its lanes", ("ended", 0)]


def test_it_ends_even_when_the_last_thing_fails() -> None:
    process = Process()
    stop = process.stop()
    done = []
    stop.at_last(lambda: done.append(1 / 0))
    stop.at_last(lambda: done.append(2.0))
    stop.tell()
    stop.run()
    assert done == [2.0]
    assert process.happened[-1] == ("ended", 0)
