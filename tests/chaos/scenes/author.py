"""Writes the events of scenes, about companies that the story does not know."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import count
from random import Random
from typing import Any

from tests.chaos.scaled import ALL_ACCOUNTS
from tests.chaos.scenes.scene import Scene, Step
from tests.chaos.story import USERS, Company, Person, Told

FIRST_COMPANY = 5000
"""The story's companies have smaller numbers."""
AT_ONCE = 0.02


@dataclass(frozen=True, slots=True)
class Author:
    """Every event has a number of its own, larger than those of the story. `seconds`: how long the run sends."""

    random: Random
    seconds: float
    numbers: Iterator[int]
    companies: Iterator[int]

    @classmethod
    def of(cls, seed: int, events: int, seconds: float) -> Author:
        return cls(Random(f"scenes {seed}"), seconds, count(events + 1), count(FIRST_COMPANY))

    def scene(self, name: str, *steps: Step, explained: dict[str, str] | None = None) -> Scene:
        return Scene(name, round(self.random.uniform(0.02, 0.5) * self.seconds, 1), steps, explained or {})

    def company(self, connection: str) -> Company:
        return Company(next(self.companies), ALL_ACCOUNTS[connection], (connection,))

    def shuffled(self, told: Sequence[Told]) -> Sequence[Told]:
        return self.random.sample(told, len(told))

    def account(self, company: Company, **fields: Any) -> Told:
        return self._told("account.upsert", company, company.as_told(company.connections[0]) | fields)

    def versions(self, company: Company, *notes: str) -> Sequence[Told]:
        """All of one second."""
        told = [self.account(company, notes=each) for each in notes]
        return [replace(each, second=told[0].number, version=place) for place, each in enumerate(told)]

    def contact(self, company: Company, **fields: Any) -> Told:
        connection = company.connections[0]
        data = {"client": company.as_told(connection), **Person(company).as_told(connection), "lastName": "Öberg"}
        return self._told("contact.upsert", company, data | fields)

    def order(self, company: Company, **fields: Any) -> Told:
        number = next(self.numbers)
        data = {
            "id": f"O-{number}",
            "client": company.as_told(company.connections[0]),
            "user": self.random.choice(USERS),
            "stage": "Order",
            "date": "2026-02-03",
            "rows": [{"id": 1, "articleNo": "KONSULT-1", "quantity": 2, "price": number}],
        } | fields
        return self._told("order.upsert", company, data | _described(company, data["id"]), number)

    def task(self, company: Company, kind: str, key: str, **fields: Any) -> Told:
        data = {"id": key, "client": company.as_told(company.connections[0])}
        return self._told(kind, company, data | _described(company, key) | fields)

    def _told(self, kind: str, company: Company, data: dict[str, Any], number: int | None = None) -> Told:
        return Told(company.connections[0], next(self.numbers) if number is None else number, kind, data)


def _described(company: Company, key: str) -> dict[str, str]:
    return {"description": f"[{company.connections[0]} {key}] scen"}
