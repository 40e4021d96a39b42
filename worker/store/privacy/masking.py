"""Says what is left of texts, payloads and records once a person is erased from them."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any, TypeAlias

from worker.store.privacy.person import Person

ERASED = "[erased]"
"""Stands where a text was. No sender tells it and Upsales never shows it, so it equals no value."""

Json: TypeAlias = Any
Tells: TypeAlias = Callable[[str], bool]

ROWS = "orderRow"
NO_NAME = re.compile(r"\d{4}-\d\d-\d\d(?:T[\d:.]+Z?)?|[A-Z]{3}|[01]|[0-9a-f]{32}|")
"""Days and times, currencies, yes and no, our own markers, nothing."""


def masked_text(text: str | None, tells: Tells) -> str | None:
    return ERASED if text and tells(text) else text


def masked(value: Json, tells: Tells) -> Json:
    """A value without the texts that tell of the person; numbers, ids and the form stay."""
    if isinstance(value, str):
        return masked_text(value, tells)
    if isinstance(value, list):
        return [masked(part, tells) for part in value]
    if isinstance(value, Mapping):
        return {(ERASED if "@" in name and tells(name) else name): masked(part, tells) for name, part in value.items()}
    return value


def emptied(value: Json) -> Json:
    """Of a value that is about the person nothing is left but its form."""
    if isinstance(value, Mapping):
        return {name: emptied(part) for name, part in value.items()}
    if isinstance(value, list):
        return [emptied(part) for part in value]
    return value if value is None or isinstance(value, bool) else ERASED


def without_person(value: Json, person: Person) -> Json:
    """Each smallest object in which an address stands is about the person as a whole. Elsewhere single texts may tell of them."""
    if isinstance(value, list):
        return [without_person(part, person) for part in value]
    if not isinstance(value, Mapping):
        return masked(value, person.told_in)
    if any(_says(name, part, person) for name, part in value.items()):
        return masked(emptied(value), person.told_in)
    return {name: without_person(part, person) for name, part in value.items()}


def masked_body(body: bytes, person: Person) -> bytes:
    """Of a request that tells of others as well. What is no JSON, or nested too deep, is given up as a whole."""
    try:
        left = json.dumps(without_person(json.loads(body), person), ensure_ascii=False)
    except (ValueError, RecursionError):
        return b""
    return left.encode("utf-8", "surrogatepass")


def masked_headers(headers: Sequence[Sequence[str]], person: Person) -> list[list[str]]:
    return [[name, masked_text(value, person.told_in) or ""] for name, value in headers]


def masked_url(url: str, person: Person) -> str:
    return url.partition("?")[0] if person.told_in(url) else url


def masked_fields(fields: Mapping[str, Sequence[Json]], tells: Tells) -> dict[str, list[Json]]:
    """What a record holds, packed, without the texts that tell of somebody. Each value keeps its age."""
    return {name: [masked(held[0], tells), *held[1:]] for name, held in fields.items()}


def without_texts(fields: Mapping[str, Sequence[Json]]) -> dict[str, list[Json]]:
    """The same without any text that may be a name or an address. Rows keep the sender's ids, by which they are told apart."""
    return {
        name: list(held) if name == ROWS else masked_fields({name: held}, _any)[name] for name, held in fields.items()
    }


def _any(text: str) -> bool:
    return not NO_NAME.fullmatch(text)


def _says(name: str, part: Json, person: Person) -> bool:
    """Whether an object's own text has the address, and not only what lies further down in it."""
    texts = part if isinstance(part, list) else [part]
    return person.named_in(name) or any(isinstance(text, str) and person.named_in(text) for text in texts)
