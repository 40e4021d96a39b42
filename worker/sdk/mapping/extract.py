"""Extracts ids, types, subjects and times from a request, and tells where each was found."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC
from typing import Any

from worker.sdk.connector import Extract, Incoming


@dataclass(frozen=True, slots=True)
class Placed:
    """An extract that can tell its place. `place`: where in this request it looks."""

    find: Extract
    place: Callable[[Incoming], str]

    def __call__(self, delivery: Incoming) -> str | None:
        return self.find(delivery)


def place_of(extract: Extract, delivery: Incoming) -> str:
    """Where it looks, for people. A function of a connector's own is called by its name."""
    if isinstance(extract, Placed):
        return extract.place(delivery)
    name = getattr(extract, "__name__", type(extract).__name__)
    return f"{name.strip('_')}()"


def made_of(*sources: Extract | str) -> Callable[[Extract], Extract]:
    """Marks a function of a connector's own: what it works with, as extracts or in words."""

    def marked(find: Extract) -> Extract:
        def place(delivery: Incoming) -> str:
            found = [each for each in sources if isinstance(each, str) or each(delivery)]
            return " + ".join(each if isinstance(each, str) else place_of(each, delivery) for each in found or sources)

        return Placed(find, place)

    return marked


def chosen(choose: Callable[[Incoming], Extract]) -> Extract:
    """Marks a function that says which extract counts."""
    return Placed(lambda delivery: choose(delivery)(delivery), lambda delivery: place_of(choose(delivery), delivery))


def header(name: str) -> Extract:
    return Placed(lambda delivery: delivery.request.header(name) or None, lambda _delivery: f"header {name}")


def field(path: str) -> Extract:
    """Text or a number of the payload, by dotted path; a number in the path counts into an array."""
    steps = path.split(".")

    def extract(delivery: Incoming) -> str | None:
        value = delivery.payload
        for step in steps:
            value = _inside(value, step)
        return _as_text(value)

    return Placed(extract, lambda _delivery: path)


def read_field(path: str) -> Extract:
    """The same of what was read before (`Get`): `contract.customer.id` is `customer.id` of what is called contract."""
    steps = path.split(".")

    def extract(delivery: Incoming) -> str | None:
        value: Any = dict(delivery.read)
        for step in steps:
            value = _inside(value, step)
        return _as_text(value)

    return Placed(extract, lambda _delivery: f"what was read: {path}")


def minute_of_receipt(unless: Extract) -> Extract:
    """For an id of a sender who gives none, and repeats nothing: what is said again in the minute is the same. None where it tells a time of its own."""

    def extract(delivery: Incoming) -> str | None:
        received = delivery.request.received
        return None if unless(delivery) or received is None else received.astimezone(UTC).isoformat(timespec="minutes")

    return Placed(extract, lambda delivery: place_of(unless, delivery) if unless(delivery) else "the minute of receipt")


def constant(text: str) -> Extract:
    return Placed(lambda _delivery: text, lambda _delivery: f'"{text}"')


def first_of(*extracts: Extract) -> Extract:
    """The first one that finds something."""

    def place(delivery: Incoming) -> str:
        found = [extract for extract in extracts if extract(delivery)]
        return " or ".join(place_of(each, delivery) for each in found[:1] or extracts)

    return Placed(lambda delivery: next(filter(None, (extract(delivery) for extract in extracts)), None), place)


def joined(separator: str, *extracts: Extract) -> Extract:
    """All of them; nothing if one is missing."""

    def extract(delivery: Incoming) -> str | None:
        parts = [part(delivery) for part in extracts]
        found = [part for part in parts if part]
        return separator.join(found) if len(found) == len(parts) else None

    return Placed(extract, lambda delivery: " + ".join(place_of(each, delivery) for each in extracts))


def digest_of(*extracts: Extract) -> Extract:
    """An id for a sender who gives none: equal fields make equal ids. None if all are missing."""

    def extract(delivery: Incoming) -> str | None:
        parts = [part(delivery) for part in extracts]
        return hashlib.sha256(json.dumps(parts).encode()).hexdigest() if any(parts) else None

    return Placed(extract, lambda delivery: f"digest of {', '.join(place_of(each, delivery) for each in extracts)}")


def digest_of_payload(*others: Extract) -> Extract:
    """The same for a sender whose fields have names of people's own: all that is said makes the id."""

    def extract(delivery: Incoming) -> str | None:
        parts = [delivery.payload, *(other(delivery) for other in others)]
        return hashlib.sha256(json.dumps(parts, sort_keys=True).encode()).hexdigest() if delivery.payload else None

    def place(delivery: Incoming) -> str:
        return f"digest of {', '.join(['all that is said', *(place_of(each, delivery) for each in others)])}"

    return Placed(extract, place)


def called(event_type: str, wherever: Extract) -> Extract:
    """The type of what a sender posts who has but one, and doesn't name it: wherever that is found which only its requests hold."""
    return Placed(
        lambda delivery: event_type if wherever(delivery) else None,
        lambda delivery: f'"{event_type}", for there is {place_of(wherever, delivery)}',
    )


def last_part(of: Extract, separator: str = "/") -> Extract:
    """What stands after the last separator: the 42 of `gid://shop/Customer/42`."""
    return Placed(
        lambda delivery: (of(delivery) or "").rpartition(separator)[2] or None,
        lambda delivery: f"the last part of {place_of(of, delivery)}",
    )


def _inside(value: Any, step: str) -> Any:
    if isinstance(value, dict):
        return value.get(step)
    if isinstance(value, list) and step.isascii() and step.isdecimal() and int(step) < len(value):
        return value[int(step)]
    return None


def _as_text(value: Any) -> str | None:
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        return None
    return str(value).strip() or None
