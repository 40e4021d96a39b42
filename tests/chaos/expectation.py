"""Works out what Upsales must hold: a fold over plain dictionaries that shares no code with the product."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, TypeAlias

from tests.chaos import telling
from tests.chaos.scenes.scene import Delete, Edit, MergeInto, MergeIntoNew, Scene, Tell
from tests.chaos.story import Told
from tests.chaos.things import Thing


@dataclass(slots=True)
class Expected:
    """Each field: what must stand there, what senders said last, and the event that had the last word."""

    values: dict[str, Any] = field(default_factory=dict)
    said: dict[str, Any] = field(default_factory=dict)
    words: dict[str, str] = field(default_factory=dict)
    last: dict[str, tuple[int, ...]] = field(default_factory=dict)

    def say(self, event: Told, fields: Mapping[str, Any], order: tuple[int, ...]) -> None:
        for name, value in fields.items():
            if order >= self.last.get(name, ()):
                if name not in self.said or self.said[name] != value:
                    # Only a new value of the sender's overwrites what a person wrote.
                    self.values[name], self.words[name] = value, event.id
                self.said[name], self.last[name] = value, order

    def edit(self, values: Mapping[str, Any]) -> None:
        self.values |= values
        self.words |= dict.fromkeys(values, "a person")


Expectation: TypeAlias = Mapping[Thing, Expected]


def expectation(events: Iterable[Told], scenes: Iterable[Scene] = ()) -> dict[Thing, Expected]:
    fold = _Fold()
    fold.tell(events)
    for scene in scenes:
        fold.play(scene)
    return fold.found


@dataclass(slots=True)
class _Fold:
    found: dict[Thing, Expected] = field(default_factory=dict)

    def tell(self, events: Iterable[Told]) -> None:
        said = list(events)
        numbers = telling.numbers(said)
        for event in said:
            for thing, fields, order in telling.says(event, numbers):
                self.found.setdefault(thing, Expected()).say(event, fields, order)

    def play(self, scene: Scene) -> None:
        numbers = telling.numbers(scene.events)
        for step in scene.steps:
            match step:
                case Tell(events):
                    for event in events:
                        self._tell(event, numbers, scene)
                case Edit(thing, values) | MergeIntoNew(thing, values):
                    self.found[thing].edit(values)
                case Delete(thing) | MergeInto(thing):
                    del self.found[thing]

    def _tell(self, event: Told, numbers: telling.Numbers, scene: Scene) -> None:
        if event.id not in scene.explained:
            for thing, fields, order in telling.says(event, numbers):
                self.found.setdefault(thing, Expected()).say(event, fields, order)
