"""Draws from a seed what the senders tell: events out of order, some of them sent twice."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any

from tests.chaos.proofs import signed
from tests.chaos.scaled import ACCOUNTS

WORDS = ("Åkeri", "Ängs Bageri", "Öresunds Bygg", "Größe", "Café Élan", "Sjö & Strand")
FIRST_NAMES = ("Åsa", "Örjan", "Zoë", "Märta", "Jürgen", "René")
STAGES = ("Prospekt", "Behovsanalys", "Offert", "Muntligt ja", "Order", "Förlorad")
ARTICLES = ("ÖVRIGT", "KONSULT-1", "LIC-ÅR")
USERS = ("sales@example.com", "asa.oberg@example.com")
KINDS = {
    "account.upsert": 25,
    "contact.upsert": 20,
    "order.upsert": 33,
    "activity.create": 8,
    "activity.upsert": 7,
    "phonecall.create": 4,
    "comment.create": 3,
}
BEGAN = datetime.now(UTC).replace(microsecond=0) - timedelta(days=1)
DISORDER = 60
"""How many places an event may be late."""
SENT_AGAIN = 0.1
MUCH_TOO_LATE = 0.03


JSON: Mapping[str, str] = {"content-type": "application/json"}


@dataclass(frozen=True, slots=True)
class Sent:
    """An event as its sender posts it."""

    headers: Mapping[str, str]
    body: bytes


@dataclass(frozen=True, slots=True)
class Told:
    """One event. `number`: its place among all. `second`: of the senders' time, if it is not the number; `timed`: whether it tells it."""

    connection: str
    number: int
    type: str
    data: Mapping[str, Any]
    second: int | None = None
    version: int | None = None
    timed: bool = True

    @property
    def id(self) -> str:
        return f"{self.connection}-{self.number}"

    @property
    def order(self) -> tuple[int, ...]:
        """What decides which of two is newer."""
        second = self.number if self.second is None else self.second
        return (second if self.timed else 0, self.version or 0, self.number)

    @property
    def moment(self) -> datetime:
        return BEGAN + timedelta(seconds=self.number if self.second is None else self.second)

    @property
    def time(self) -> str:
        return self.moment.isoformat()

    @property
    def untimed(self) -> Told:
        return replace(self, timed=False)

    def without(self, name: str) -> Told:
        return replace(self, data={key: value for key, value in self.data.items() if key != name})

    @property
    def body(self) -> bytes:
        """As the generic connector takes it."""
        when = {"time": self.time} if self.timed else {}
        version = {} if self.version is None else {"version": self.version}
        return written({"id": self.id, "type": self.type, **when, **version, "data": self.data})

    def sent(self, secret: str) -> Sent:
        return Sent({**signed(self.id, self.body, secret), **JSON}, self.body)


def written(told: Mapping[str, Any]) -> bytes:
    return json.dumps(told, ensure_ascii=False).encode()


@dataclass(frozen=True, slots=True)
class Story:
    """`events` in the senders' time; `sendings` in the order they leave, with repetitions."""

    events: Sequence[Told]
    sendings: Sequence[Told]


def story(seed: int, events: int) -> Story:
    random = Random(f"story {seed}")
    told = list(_Author(random, events).tell())
    return Story(told, _sendings(random, told))


def _sendings(random: Random, told: Sequence[Told]) -> Sequence[Told]:
    places: list[tuple[float, Told]] = []
    for event in told:
        place = event.number + random.uniform(0, DISORDER)
        if random.random() < MUCH_TOO_LATE:
            place += len(told) / 3
        places.append((place, event))
        if random.random() < SENT_AGAIN:
            places.append((place + random.choice((0.0, random.uniform(0, 3 * DISORDER))), event))
    return [event for _, event in sorted(places, key=lambda each: (each[0], each[1].number))]


@dataclass(frozen=True, slots=True)
class Company:
    """What is known of it never changes but by an account.upsert."""

    number: int
    account: int
    connections: tuple[str, ...]

    @property
    def name(self) -> str:
        return f"{WORDS[self.number % len(WORDS)]} {self.number} AB"

    @property
    def org_no(self) -> str:
        digits = f"556{self.number % 1_000_000:06d}"
        doubled = (int(digit) * (2 - place % 2) for place, digit in enumerate(digits))
        return f"{digits}{-sum(d // 10 + d % 10 for d in doubled) % 10}"

    def as_told(self, connection: str) -> dict[str, Any]:
        """Each sender has an id and a spelling of its own."""
        written = self.org_no if connection == "billing" else f"{self.org_no[:6]}-{self.org_no[6:]}"
        return {"id": f"{connection[0].upper()}K-{self.number}", "name": self.name, "orgNo": written}


@dataclass(frozen=True, slots=True)
class Person:
    company: Company

    @property
    def email(self) -> str:
        return f"kontakt{self.company.number}@bolag{self.company.number}.example"

    @property
    def first_name(self) -> str:
        return FIRST_NAMES[self.company.number % len(FIRST_NAMES)]

    def as_told(self, connection: str) -> dict[str, Any]:
        email = self.email.capitalize() if connection == "billing" else self.email
        return {
            "id": f"{connection[0].upper()}P-{self.company.number}",
            "email": email,
            "firstName": self.first_name,
            "lastName": f"Öberg {self.company.number}",
        }


@dataclass(slots=True)
class _Author:
    """Each company and contact that was changed has its last word in the newest events: whatever made the record is older."""

    random: Random
    events: int
    changed: set[tuple[str, Company]] = field(default_factory=set)
    orders: dict[tuple[str, str], Company] = field(default_factory=dict)
    to_dos: dict[tuple[str, str], Company] = field(default_factory=dict)
    numbers: int = 0

    def tell(self) -> Iterator[Told]:
        companies = [_company(self.random, number) for number in range(1, max(self.events // 12, 3))]
        kinds = self.random.choices(tuple(KINDS), tuple(KINDS.values()), k=self.events)
        while (room := self.events - self.numbers - len(self.changed)) > 0:
            # What is changed gets a last word besides.
            kind = kinds[self.numbers] if room > 1 else "order.upsert"
            yield self._told(kind, self.random.choice(companies))
        # A contact names its company: the companies come last.
        for kind, company in sorted(self.changed, key=lambda each: (each[0], each[1].number), reverse=True):
            yield self._told(kind, company)

    def _told(self, kind: str, company: Company) -> Told:
        connection = self.random.choice(company.connections)
        self.numbers += 1
        if kind in {"account.upsert", "contact.upsert"}:
            self.changed.add((kind, company))
        write = {
            "account.upsert": self._account,
            "contact.upsert": self._contact,
            "order.upsert": self._order,
            "activity.create": self._activity,
            "activity.upsert": self._to_do,
            "phonecall.create": self._call,
            "comment.create": self._comment,
        }
        # The company of an order that exists stays the one it has, and so its connection.
        data = write[kind](connection, company)
        return Told(connection, self.numbers, kind, data)

    def _account(self, connection: str, company: Company) -> dict[str, Any]:
        number = self.numbers
        return company.as_told(connection) | self._some(
            name=f"{company.name}, filial {number}",
            phone=f"+4670{1740000 + number}",
            webpage=f"https://bolag{company.number}.example/{number}",
            notes=f"Önskemål {number}",
            noEmployees=number,
            custom={"SEGMENT": f"Nivå {number}"},
        )

    def _contact(self, connection: str, company: Company) -> dict[str, Any]:
        number = self.numbers
        told = {"client": company.as_told(connection), **Person(company).as_told(connection)}
        told["lastName"] = f"Öberg-{number}"
        return told | self._some(title=f"Säljare {number}", cellPhone=f"+4670{1740000 + number}", notes=f"ß {number}")

    def _order(self, connection: str, company: Company) -> dict[str, Any]:
        number, random = self.numbers, self.random
        key = self._known(self.orders, "O", connection, company)
        rows = [
            {
                "id": line,
                "articleNo": random.choice(ARTICLES),
                "quantity": random.randint(1, 9),
                "price": number + line / 4,
            }
            for line in sorted(random.sample(range(1, 6), random.randint(1, 3)))
        ]
        told = {
            "id": key,
            "description": f"[{connection} {key}] beställning {number}",
            "client": company.as_told(connection),
            "user": random.choice(USERS),
            "stage": random.choice(STAGES),
            "date": f"2026-{random.randint(1, 12):02d}-{random.randint(1, 28):02d}",
            "rows": rows,
        }
        named = {"contact": Person(company).as_told(connection)} if company.number % 2 else {}
        return told | named | self._some(notes=f"Märk väl {number}", custom={"KANAL": f"Väg {number}"})

    def _activity(self, connection: str, company: Company) -> dict[str, Any]:
        key = f"T-{self.numbers}"
        return {
            "id": key,
            "description": f"[{connection} {key}] Ring om förlängning",
            "client": company.as_told(connection),
            "date": "2026-05-04",
        }

    def _to_do(self, connection: str, company: Company) -> dict[str, Any]:
        key = self._known(self.to_dos, "U", connection, company)
        told = {
            "id": key,
            "description": f"[{connection} {key}] Återkom {self.numbers}",
            "client": company.as_told(connection),
        }
        return told | self._some(notes=f"Läge {self.numbers}", date=f"2026-06-{1 + self.numbers % 28:02d}")

    def _call(self, connection: str, company: Company) -> dict[str, Any]:
        key = f"C-{self.numbers}"
        return {
            "id": key,
            "client": company.as_told(connection),
            "contact": Person(company).as_told(connection),
            "user": USERS[0],
            "durationInS": self.numbers,
            "conversationUrl": f"https://samtal.example/{connection}/{key}",
        }

    def _comment(self, connection: str, company: Company) -> dict[str, Any]:
        key = f"M-{self.numbers}"
        return {
            "id": key,
            "description": f"[{connection} {key}] Hälsade på",
            "client": company.as_told(connection),
            "user": USERS[0],
        }

    def _known(self, known: dict[tuple[str, str], Company], letter: str, connection: str, company: Company) -> str:
        """Mostly one of the company that is known already."""
        mine = [key for (by, key), of in known.items() if by == connection and of == company]
        if mine and self.random.random() < 0.75:
            return self.random.choice(mine)
        key = f"{letter}-{self.numbers}"
        known[connection, key] = company
        return key

    def _some(self, **fields: Any) -> dict[str, Any]:
        return {name: value for name, value in fields.items() if self.random.random() < 0.5}


def _company(random: Random, number: int) -> Company:
    if random.random() < 0.2:
        return Company(number, ACCOUNTS["forms"], ("forms",))
    connections = random.choice((("shop",), ("billing",), ("shop", "billing"), ("shop", "billing")))
    return Company(number, ACCOUNTS["shop"], connections)
