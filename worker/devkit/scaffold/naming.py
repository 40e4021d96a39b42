"""Splits a sender's names into words, and makes names for Python of them."""

from __future__ import annotations

import builtins
import keyword
import re
from collections.abc import Collection

from schemas.wire import Payload
from worker.errors import ConfigError

WORD = re.compile(r"[A-ZÅÄÖ]+(?![a-zåäö])|[A-ZÅÄÖ]?[a-zåäöéüøæß]+|\d+")
CONNECTOR = re.compile(r"[a-z][a-z0-9]*([_-][a-z0-9]+)*")

SCHEMA_NAMES = frozenset({*dir(Payload), *keyword.kwlist, "fields", "Text", "Id", "Amount", "Payload", "context"})
"""Names that mean something else inside a schema."""

WORDS = """
    at taken_in home_of_person connector constant contacts_of_person dataclass digest_of each each_in field follow_up header joined
    person_of senders setting validate
"""
MODULE_NAMES = frozenset({*keyword.kwlist, *dir(builtins), *WORDS.split()})
"""Names that mean something else in a connector's module."""


def words(name: str) -> tuple[str, ...]:
    """`customerFirst_name` is customer, first, name."""
    return tuple(word.casefold() for word in WORD.findall(name))


def module_name(connector: str) -> str:
    if not CONNECTOR.fullmatch(connector) or keyword.iskeyword(connector):
        raise ConfigError(
            f"{connector} can't be a connector's name; use small letters, digits and dashes: acme-parking"
        )
    return connector.replace("-", "_")


def attribute(wire_name: str, taken: Collection[str] = ()) -> str:
    """The name of a schema's field: the wire's own where Python has nothing else under it."""
    plain = wire_name if wire_name.isidentifier() and wire_name.isascii() else "_".join(map(_ascii, words(wire_name)))
    plain = plain.lstrip("_") or "field"
    found = f"n{plain}" if plain[0].isdigit() else plain
    while found in SCHEMA_NAMES or found in taken:
        found += "_"
    return found


def class_name(name: str) -> str:
    found = "".join(_ascii(word).capitalize() for word in words(name)) or "Message"
    return f"N{found}" if found[0].isdigit() else found


def function_name(event_type: str, taken: Collection[str] = ()) -> str:
    found = "_".join(map(_ascii, words(event_type))) or "message"
    found = f"on_{found}" if found[0].isdigit() else found
    while found in MODULE_NAMES or found in taken:
        found += "_"
    return found


def sentence(event_type: str) -> str:
    """`visit.booked` is `Visit booked`."""
    return " ".join(words(event_type)).capitalize() or event_type


def _ascii(word: str) -> str:
    table = str.maketrans({"å": "a", "ä": "a", "ö": "o", "é": "e", "ü": "u", "ø": "o", "æ": "ae", "ß": "ss"})
    return "".join(char for char in word.translate(table) if char.isascii() and char.isalnum()) or "x"
