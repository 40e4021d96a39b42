"""Sends honest requests while an attack goes on, and sums up both."""

from __future__ import annotations

import time
from collections import Counter
from contextlib import contextmanager
from dataclasses import dataclass

from tests.siege.attacks import Answers, Attack
from tests.siege.receiver import Receiver
from tests.siege.wire import Reply, asked, ping

PAUSE = 0.04


@dataclass(frozen=True, slots=True)
class Outcome:
    """`honest`: the answers to signed requests while it went on; `after`: the first ones afterwards. `grown`: in megabytes."""

    attack: str
    honest: tuple[Reply, ...]
    after: tuple[Reply, ...]
    answers: Answers
    grown: float
    lines: int

    @property
    def accepted(self) -> bool:
        return all(reply.status == "202" for reply in (*self.honest, *self.after))

    def percentile(self, share: float) -> float:
        """Of the honest ones, in milliseconds."""
        ordered = sorted(reply.seconds for reply in self.honest)
        return 1000 * ordered[min(int(share * len(ordered)), len(ordered) - 1)]


def besiege(receiver: Receiver, attack: Attack, seconds: float | None = None) -> Outcome:
    before, lines = receiver.megabytes, receiver.log_lines
    answers: Answers = Counter()
    most = before
    honest: list[Reply] = []
    with contextmanager(attack.hold)(receiver.port, answers):
        until = time.monotonic() + (seconds or attack.seconds)
        while time.monotonic() < until or not honest:
            honest.append(asked(receiver.port, ping(f"{attack.name}-{len(honest)}-{time.monotonic_ns()}")))
            most = max(most, receiver.megabytes)
            time.sleep(PAUSE)
    after = tuple(asked(receiver.port, ping(f"efter-{n}-{time.monotonic_ns()}")) for n in range(5))
    quiet = len(honest) + len(after)
    return Outcome(attack.name, tuple(honest), after, answers, most - before, receiver.log_lines - lines - quiet)
