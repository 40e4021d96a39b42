"""Recognises a person in text, by address, name or phone number.

Addresses are found in whatever spelling. Names and numbers count as the person's own records hold them.
"""

from __future__ import annotations

import html
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from urllib.parse import unquote, unquote_plus

from schemas.composed import composed

ADDRESS = re.compile(r"[^\s@<>\"',;:()]+@(?:[^\s@<>\"',;:()./]+\.)+[^\s@<>\"',;:()./]{2,}")
RUN = re.compile("[a-z0-9]+")
ESCAPE = re.compile(r'\\(?:u([0-9a-fA-F]{4})|(["\\/bfnrt]))')
ESCAPED = {"b": "\b", "f": "\f", "n": "\n", "r": "\r", "t": "\t"}
# Not begun again at each sign of a row of them: a long one would take the square of its length.
NUMBER = re.compile(r"(?<![+(])[+(]*\d[\d\s()./\-]*\d")
DEEPEST = 4
"""How often something was put into something else."""
FEWEST_DIGITS = 6
LONGEST_COUNTRY_CODE = 3
FEWEST_LETTERS = 4


def folded(text: str) -> str:
    return composed(composed(text).casefold())


def address_of(text: str) -> str | None:
    """The address in the form in which two of them are compared; None for what is none."""
    wanted = folded(text.strip())
    return wanted if ADDRESS.fullmatch(wanted) else None


def addresses_in(text: str) -> frozenset[str]:
    """Of a subject or a key, which has other words around them."""
    return frozenset(ADDRESS.findall(folded(unquote(text))))


def spellings(address: str) -> frozenset[str]:
    """With its domain as people and as mail servers write it."""
    local, _, domain = address.rpartition("@")
    found = {address}
    for other in (_encoded(domain), _decoded(domain)):
        found |= {f"{local}@{other}"} if other else set()
    return frozenset(found)


@dataclass(frozen=True)
class Person:
    """`addresses`: folded. `known`: names and phone numbers that the person's own records hold.

    `numbers`: phone numbers, as E.164, that are the person's alone, and name them wherever they stand.
    """

    addresses: frozenset[str]
    known: frozenset[str] = frozenset()
    numbers: frozenset[str] = frozenset()

    def named_in(self, text: str | None) -> bool:
        """Whether one of the addresses stands in it, and not as a part of another one, or one of the numbers."""
        if not text or not (self.numbers or self._likely(text.lower())):
            return False
        return any(self._named(form) for form in forms(text))

    def named_in_bytes(self, data: bytes) -> bool:
        # JSON may be UTF-16 or UTF-32, where each letter has NULs beside it.
        letters = data.replace(b"\0", b"").lower()
        if not self.numbers and not any(probe.encode() in letters for probe in self._probes):
            return False
        return any(
            self.named_in(data.decode(encoding, "replace")) for encoding in {"utf-8", json.detect_encoding(data)}
        )

    def told_in(self, text: str | None) -> bool:
        """Whether an address stands in it, or a name or number of theirs."""
        if not text or not (self.known or self.addresses or self.numbers):
            return False
        return self.named_in(text) or any(map(self._known_in, forms(text)))

    def _known_in(self, form: str) -> bool:
        if self._name is not None and self._name.search(form):
            return True
        return _holds(form, self._numbers)

    def _named(self, form: str) -> bool:
        return bool(self.addresses and self._address.search(form)) or _holds(form, self._own_numbers)

    def _likely(self, text: str) -> bool:
        return any(probe in text for probe in self._probes)

    @cached_property
    def _spellings(self) -> frozenset[str]:
        return frozenset(spelling for address in self.addresses for spelling in spellings(address))

    @cached_property
    def _probes(self) -> frozenset[str]:
        """Of each spelling the longest part that no encoding changes: almost all text is done with by it."""
        return frozenset(max(RUN.findall(spelling) or [""], key=len) for spelling in self._spellings)

    @cached_property
    def _address(self) -> re.Pattern[str]:
        alternatives = "|".join(map(re.escape, sorted(self._spellings)))
        return re.compile(rf"(?<![\w.+\-])(?:{alternatives})(?![\w\-]|\.\w)")

    @cached_property
    def _name(self) -> re.Pattern[str] | None:
        """Of two words or a long one, in whatever spacing: what is shorter names many."""
        words = [folded(each).split() for each in sorted(self.known) if not NUMBER.fullmatch(each)]
        names = [r"\s+".join(map(re.escape, name)) for name in words if len("".join(name)) >= FEWEST_LETTERS]
        return re.compile(rf"(?<!\w)(?:{'|'.join(names)})(?!\w)") if names else None

    @cached_property
    def _numbers(self) -> frozenset[str]:
        return frozenset(digits for each in self.known if NUMBER.fullmatch(each) and (digits := _digits(each)))

    @cached_property
    def _own_numbers(self) -> frozenset[str]:
        return frozenset(digits for each in self.numbers if (digits := _digits(each)))


def _holds(form: str, numbers: frozenset[str]) -> bool:
    """Whether one of the numbers stands in it."""
    shown = {digits for found in NUMBER.findall(form) if (digits := _digits(found))} if numbers else set()
    return any(_same_number(one, other) for one in numbers for other in shown)


def _digits(number: str) -> str | None:
    """Without the zeros that stand for the trunk prefix or for the plus sign; None for what is too short."""
    digits = re.sub(r"\D", "", number.replace("(0)", "")).lstrip("0")
    return digits if len(digits) >= FEWEST_DIGITS else None


def _same_number(one: str, other: str) -> bool:
    """Whether the numbers are equal, or one has a country code in front of the other."""
    short, long = sorted((one, other), key=len)
    return long.endswith(short) and len(long) - len(short) <= LONGEST_COUNTRY_CODE


def forms(text: str) -> Iterator[str]:
    """The text as it may have been before it was put into a URL, a form, JSON or HTML, and that into another of them."""
    seen = {text, _unescaped(text)}
    yield from map(folded, seen)
    inner = text
    for _ in range(DEEPEST):
        outer = inner
        for unpacked in (_unquoted, _unescaped, html.unescape):
            inner = unpacked(inner)
            if inner not in seen:
                seen.add(inner)
                yield folded(inner)
        if inner == outer:
            return


def _unquoted(text: str) -> str:
    """A plus sign is a blank only where the rest is encoded as well."""
    return unquote_plus(text) if "%40" in text else unquote(text)


def _unescaped(text: str) -> str:
    def plain(found: re.Match[str]) -> str:
        return chr(int(found[1], 16)) if found[1] else ESCAPED.get(found[2], found[2])

    return ESCAPE.sub(plain, text) if "\\" in text else text


def _encoded(domain: str) -> str | None:
    try:
        return domain.encode("idna").decode("ascii")
    except UnicodeError:
        return None


def _decoded(domain: str) -> str | None:
    try:
        return folded(domain.encode("ascii").decode("idna"))
    except UnicodeError:
        return None
