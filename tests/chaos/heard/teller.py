"""Tells over the stream while everything else goes on, breaks it now and then, and compares what was stored."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from random import Random

from tests.fakes.ledger_sender import TENANT, TOPICS, LedgerSender

BREAKS = 0.1
"""How often the network ends the stream after something was told."""
LOOK = 0.3


@dataclass(slots=True)
class Teller:
    """`told`: the ids of its events, in order, by topic and by what they are about."""

    sender: LedgerSender
    seed: int
    events: int
    seconds: float
    told: dict[tuple[str, str], list[str]] = field(default_factory=dict)
    _stop: threading.Event = field(default_factory=threading.Event)
    _thread: threading.Thread | None = None

    def start(self) -> None:
        self._thread = threading.Thread(target=self._run, name="teller", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """Once all is told."""
        assert self._thread is not None
        self._thread.join(self.seconds)
        self._stop.set()
        self._thread.join()

    def _run(self) -> None:
        random = Random(f"heard {self.seed}")
        for _ in range(self.events):
            topic, thing = random.choice(TOPICS), str(random.randint(1, 9))
            offset = self.sender.tell(topic, thing)
            self.told.setdefault((topic, thing), []).append(f"{TENANT}:{topic}:{offset}")
            if random.random() < BREAKS:
                self.sender.drop()
            if self._stop.wait(self.seconds / self.events):
                return

    def problems(self, stored: Callable[[], Sequence[str]], patience: float) -> Sequence[str]:
        """Everything is stored once, and what is told of one customer in its order. Orders concern nobody: each is a thing by itself."""
        wanted = sorted(each for told in self.told.values() for each in told)
        ends = time.monotonic() + patience
        while sorted(found := stored()) != wanted and time.monotonic() < ends:
            time.sleep(LOOK)
        if sorted(found) != wanted:
            lost, strange = sorted(set(wanted) - set(found)), sorted(set(found) - set(wanted))
            return [
                f"{len(found)} are stored of {len(wanted)} that were told: without {lost[:9]}, besides {strange[:9]}"
            ]
        return [
            f"{topic} of {thing} are stored as {mine[:9]} instead of {told[:9]}"
            for (topic, thing), told in self.told.items()
            if topic == TOPICS[0] and (mine := [each for each in found if each in told]) != told
        ]
