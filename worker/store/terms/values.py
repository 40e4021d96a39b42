"""Chooses the values of a payload by which people look for it, in one spelling each."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal
from typing import Any, Final

from schemas.composed import composed
from worker.logs.machine_names import made_up
from worker.store.privacy.masking import ERASED

SHORTEST: Final = 3
LONGEST: Final = 128
MOST: Final = 24
DEEPEST: Final = 32
MOST_LOOKED_AT: Final = 5000
HIDDEN: Final = frozenset({ERASED, "***"})

EMAIL: Final = re.compile(r"[^\s@<>\"',;:()]+@[^\s@<>\"',;:()]+\.[^\s@<>\"',;:().]{2,}")
ORGANISATION: Final = re.compile(r"(?:\d\d)?(\d{6})-?(\d{4})")
_NUMBER: Final = re.compile(r"-?(?:0|[1-9]\d*)(?:\.\d+)?")
_MOMENT: Final = re.compile(r"\d{4}-\d\d-\d\d(?:[T ]\d\d:\d\d.*)?")
_OF_TIME: Final = re.compile(r"(?:^|[_a-z])(?:at|date|time|timestamp|created|updated|modified)$", re.IGNORECASE)
_NAMING: Final = re.compile(
    r"(?:id|name|number|no|nr|phone|mobile|ref|reference|key|code|sku|email|e-mail)$", re.IGNORECASE
)


def normal(value: Any) -> str | None:
    """The spelling in which two values are compared: 4711 is "4711", and 12.50 is 12.5. None for what nobody looks for."""
    if isinstance(value, bool) or value is None:
        return None
    if isinstance(value, int | float):
        text = _decimal(str(value))
    elif isinstance(value, str):
        if len(value) > 4 * LONGEST or value in HIDDEN:
            return None
        text = composed(composed(value.strip()).casefold())
        text = _decimal(text) if _NUMBER.fullmatch(text) else _digits(text)
    else:
        return None
    return text if SHORTEST <= len(text) <= LONGEST else None


def _decimal(text: str) -> str:
    number = Decimal(text)
    if not number.is_finite() or abs(number.adjusted()) > LONGEST:
        return ""
    plain = format(number, "f")
    return plain.rstrip("0").rstrip(".") if "." in plain else plain


def _digits(text: str) -> str:
    """A number of an organisation is written with its dash and without."""
    return text.replace("-", "") if ORGANISATION.fullmatch(text) else text


def scalars(payload: Any) -> Iterator[tuple[str, Any]]:
    """Each value with its path, such as `order.lines.sku`: places in lists don't count. The shallow ones first."""
    level: list[tuple[str, Any]] = [("", payload)]
    looked_at = 0
    for _ in range(DEEPEST):
        deeper: list[tuple[str, Any]] = []
        for path, value in level:
            looked_at += 1
            if looked_at > MOST_LOOKED_AT:
                return
            if isinstance(value, Mapping):
                deeper += [(f"{path}.{name}" if path else str(name), each) for name, each in value.items()]
            elif isinstance(value, list):
                deeper += [(path, each) for each in value]
            else:
                yield path, value
        level = deeper


def stands_in(field: str, path: str) -> bool:
    """Whether a field that was asked for is this one: by its whole path or the end of it."""
    return path == field or path.endswith(f".{field}")


def tells_of_nobody(subject: str) -> bool:
    """Whether it may stand in an address: what is named in it was drawn or counted by a machine."""
    return made_up(subject.rpartition(":")[2]) is not None


def chosen(payload: Any, subject: str | None = None) -> Sequence[str]:
    """At most so many, what tells one thing from another first: addresses, numbers of organisations, ids, names."""
    ranked: dict[str, int] = {}
    if subject is not None and (text := normal(subject)):
        ranked[text] = 0
    for path, value in scalars(payload):
        text = normal(value)
        if text is not None and not _is_time(path, value):
            rank = _rank(path, text)
            ranked[text] = min(rank, ranked.get(text, rank))
    return sorted(ranked, key=ranked.__getitem__)[:MOST]


def _is_time(path: str, value: Any) -> bool:
    if isinstance(value, str):
        return _MOMENT.fullmatch(value) is not None
    return value > 10**8 and _OF_TIME.search(path) is not None


def _rank(path: str, text: str) -> int:
    if EMAIL.fullmatch(text):
        return 1
    if ORGANISATION.fullmatch(text):
        return 2
    return 3 if _NAMING.search(path) else 4
