"""Invents people in the place of real ones; one person is the same one everywhere."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Literal, TypeAlias

from worker.sdk.mapping import email, phone
from worker.sdk.mapping.domains import is_private

Kind: TypeAlias = Literal[
    "email", "domain", "first name", "last name", "name", "company", "phone", "street", "zipcode", "city", "ip",
    "personal number", "birthday", "coordinate",
]  # fmt: skip

FIRST = ("Åsa", "Björn", "Märta", "Jürgen", "Søren", "Ängla", "Örjan", "Zoë", "Håkan", "Gisèle")
LAST = ("Åström", "Öberg", "Groß", "Sjöström", "Kjær", "Lindå", "Bergström", "Ødegård", "Hägg", "Ström")
CITIES = ("Åmål", "Örebro", "Växjö", "Luleå", "Ängelholm")

NUMBERS = ("+467017406{:02}", "+4684650040{:02}", "+4631390060{:02}", "+4640628040{:02}")
"""Numbers that nobody has: https://www.pts.se/sv/bransch/telefoni/nummer-och-adressering/telefonnummer-for-anvandning-i-bocker-och-filmer-etc/"""


class StandIns:
    """Remembers who stands in for whom. Nothing of the original is in an invented value."""

    def __init__(self) -> None:
        self._given: dict[tuple[Kind, str], str] = {}
        self._counts: dict[Kind, int] = {}

    @property
    def given(self) -> Mapping[tuple[Kind, str], str]:
        """By kind and original, as it was first written."""
        return self._given

    def of(self, kind: Kind, original: str) -> str:
        key = (kind, SAME.get(kind, str.casefold)(original.strip()))
        if key not in self._given:
            self._given[key] = self._made(kind, original)
        return self._given[key]

    def _made(self, kind: Kind, original: str) -> str:
        if kind == "name":
            return self._name(original)
        number = self._counts.get(kind, 0)
        self._counts[kind] = number + 1
        if kind == "email":
            return f"person{number + 1}@{self.of('domain', original.rpartition('@')[2])}"
        if kind == "domain":
            return "privat.example" if is_private(original.casefold()) else f"foretag{number + 1}.example"
        return MAKES[kind](number)

    def _name(self, original: str) -> str:
        first, _, last = original.strip().rpartition(" ")
        parts = (self.of("first name", first or last), self.of("last name", last) if first else "")
        return " ".join(filter(None, parts))


SAME: Mapping[Kind, Callable[[str], str]] = {
    "email": lambda text: email(text) or text.casefold(),
    "phone": lambda text: phone(text, "SE") or text,
}
"""Two originals are the same if these forms of them are equal."""


def _cycled(values: tuple[str, ...]) -> Callable[[int], str]:
    return lambda number: (
        values[number % len(values)] + ("" if number < len(values) else str(number // len(values) + 1))
    )


MAKES: Mapping[Kind, Callable[[int], str]] = {
    "first name": _cycled(FIRST),
    "last name": _cycled(LAST),
    "city": _cycled(CITIES),
    "company": lambda number: f"Företag {number + 1} AB",
    "phone": lambda number: NUMBERS[number // 90 % len(NUMBERS)].format(number % 90 + 5),
    "street": lambda number: f"Ågatan {number + 1}",
    "zipcode": lambda number: f"{10000 + number}",
    "ip": lambda number: f"192.0.2.{number % 254 + 1}",
    "personal number": lambda number: f"19000101-{number % 10000:04}",
    "birthday": lambda _: "1980-01-01",
    "coordinate": lambda _: "0",
}
