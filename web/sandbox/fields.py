"""Defines the kinds of fields that Upsales's entities have, and a field's facts as data."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum, auto
from typing import Any


class Kind(Enum):
    """How a value is read from a request. CLOSING: a day alone is midnight in Stockholm."""

    TEXT = auto()
    INTEGER = auto()
    NUMBER = auto()
    FLAG = auto()
    BOOLEAN = auto()
    DAY = auto()
    MIDNIGHT = auto()
    INSTANT = auto()
    CLOSING = auto()
    CHOICE = auto()
    REF = auto()
    REFS = auto()
    ROWS = auto()
    CUSTOM = auto()
    FREE = auto()


DATES = frozenset({Kind.MIDNIGHT, Kind.INSTANT, Kind.CLOSING})
NUMBERS = frozenset({Kind.INTEGER, Kind.NUMBER, Kind.FLAG, Kind.BOOLEAN})


@dataclass(frozen=True, slots=True, kw_only=True)
class Field:
    """One attribute of an entity.

    `of`: the resource a reference points to (None: any id is taken). `most`: how many references are kept.
    `refusal`: the error key of a value outside `choices`; without one such a value becomes null.
    """

    kind: Kind
    size: int | None = None
    of: str | None = None
    most: int | None = None
    choices: tuple[str, ...] = ()
    refusal: str | None = None
    default: Any = None
    required: bool = False
    read_only: bool = False
    write_only: bool = False


def text(size: int | None = None, *, default: str | None = None, required: bool = False, ours: bool = False) -> Field:
    """Text of at most `size` characters; `ours` is what only Upsales itself writes."""
    return Field(kind=Kind.TEXT, size=size, default=default, required=required, read_only=ours)


def integer(default: int | None = None, *, required: bool = False, ours: bool = False) -> Field:
    return Field(kind=Kind.INTEGER, default=default, required=required, read_only=ours)


def number(default: float | None = None, *, required: bool = False, ours: bool = False) -> Field:
    return Field(kind=Kind.NUMBER, default=default, required=required, read_only=ours)


def flag(default: int | None = None, *, ours: bool = False) -> Field:
    return Field(kind=Kind.FLAG, default=default, read_only=ours)


def boolean(*, default: bool = False, ours: bool = False) -> Field:
    return Field(kind=Kind.BOOLEAN, default=default, read_only=ours)


def date(kind: Kind, *, required: bool = False, ours: bool = False) -> Field:
    return Field(kind=kind, required=required, read_only=ours)


def choice(*choices: str, required: bool = False, refusal: str | None = None, default: str | None = None) -> Field:
    return Field(kind=Kind.CHOICE, choices=choices, required=required, refusal=refusal, default=default)


def ref(of: str | None, *, required: bool = False, ours: bool = False) -> Field:
    return Field(kind=Kind.REF, of=of, required=required, read_only=ours)


def refs(of: str | None, *, most: int | None = None, required: bool = False) -> Field:
    return Field(kind=Kind.REFS, of=of, most=most, required=required, default=())


def free(default: Any = None, *, ours: bool = False) -> Field:
    return Field(kind=Kind.FREE, default=default, read_only=ours)


CUSTOM = Field(kind=Kind.CUSTOM, default=())
ROWS = Field(kind=Kind.ROWS, required=True, default=())
