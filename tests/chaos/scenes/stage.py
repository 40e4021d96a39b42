"""Plays scenes, each in a thread of its own, beside everything else that goes on."""

from __future__ import annotations

import threading
import time
from collections.abc import Sequence
from concurrent.futures import Future, ThreadPoolExecutor, wait
from dataclasses import dataclass, field

from tests.chaos.arena import Arena
from tests.chaos.judgement import name_of
from tests.chaos.scenes.scene import (
    Delete,
    Edit,
    MergeInto,
    MergeIntoNew,
    Scene,
    SetBack,
    Settle,
    Step,
    Tell,
)
from tests.chaos.senders import Senders
from tests.chaos.story import Told
from tests.chaos.things import Thing

MOUTHS = 8
"""So many webhooks of one scene are on their way at a time."""
LOOK_EVERY = 0.3


class Interrupted(Exception):
    """The run ended before the scene did."""


@dataclass(slots=True)
class Stage:
    """`unfinished`: scenes that did not come to their end, and why."""

    scenes: Sequence[Scene]
    arena: Arena
    senders: Senders
    unfinished: list[str] = field(default_factory=list)
    _begun: float = 0.0
    _stop: threading.Event = field(default_factory=threading.Event)
    _looking: threading.Lock = field(default_factory=threading.Lock)
    _looked: float = 0.0
    _ended: frozenset[str] = frozenset()
    _threads: list[threading.Thread] = field(default_factory=list)

    def start(self) -> None:
        self._begun = time.monotonic()
        self._threads = [threading.Thread(target=self._play, args=(scene,), daemon=True) for scene in self.scenes]
        for thread in self._threads:
            thread.start()

    def finished(self, seconds: float) -> bool:
        until = time.monotonic() + seconds
        for thread in self._threads:
            thread.join(max(until - time.monotonic(), 0.0))
        return not any(thread.is_alive() for thread in self._threads)

    def stop(self) -> None:
        self._stop.set()
        for thread in self._threads:
            thread.join()

    def _play(self, scene: Scene) -> None:
        told: list[Told] = []
        try:
            self._wait(max(self._begun + scene.at - time.monotonic(), 0.0))
            for step in scene.steps:
                self._do(step, told)
        except Interrupted:
            self.unfinished.append(f"{scene}: interrupted")
        except Exception as error:  # noqa: BLE001 - it is reported with the scene
            self.unfinished.append(f"{scene}: {type(error).__name__}: {error}")

    def _wait(self, seconds: float) -> None:
        if self._stop.wait(seconds):
            raise Interrupted

    def _do(self, step: Step, told: list[Told]) -> None:
        sandbox = self.arena.sandbox
        match step:
            case Tell():
                self._tell(step)
                told += step.events
            case Settle():
                while not self._settled() >= {event.id for event in told}:
                    self._wait(LOOK_EVERY)
            case Edit(thing, values):
                sandbox.edit(thing.account, thing.resource, self._id(thing), values)
            case Delete(thing):
                sandbox.delete(thing.account, thing.resource, self._id(thing))
            case MergeIntoNew(thing, values):
                master = sandbox.create(thing.account, thing.resource, values)
                sandbox.merge(thing.account, thing.resource, self._id(thing), master)
            case MergeInto(thing, other):
                sandbox.merge(thing.account, thing.resource, self._id(thing), self._id(other))
            case SetBack(seconds):
                self.arena.place.clock.set_back(seconds)

    def _tell(self, step: Tell) -> None:
        with ThreadPoolExecutor(MOUTHS) as pool:
            sent: list[Future[bool]] = []
            for event in step.events:
                sent.append(pool.submit(self.senders.tell, event))
                if step.apart:
                    self._wait(step.apart)
            wait(sent)

    def _settled(self) -> frozenset[str]:
        """Events that ended. Scenes look at the same time, and the database is asked once."""
        with self._looking:
            if time.monotonic() - self._looked > LOOK_EVERY:
                self._ended = self.arena.contestant.ended_well() or self._ended
                self._looked = time.monotonic()
            return self._ended

    def _id(self, thing: Thing) -> int:
        found = self.arena.sandbox.records(thing.account, thing.resource)
        (record_id,) = (int(record["id"]) for record in found if name_of(thing.resource, record) == thing.name)
        return record_id
