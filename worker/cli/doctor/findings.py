"""Defines what a judgement says: a level, and one line."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final, Literal, TypeAlias

Level: TypeAlias = Literal["fine", "look", "wrong"]
WORST_FIRST: Final[tuple[Level, ...]] = ("wrong", "look", "fine")
EXIT_CODES: Final[dict[Level, int]] = {"fine": 0, "wrong": 1, "look": 3}


@dataclass(frozen=True, slots=True)
class Finding:
    """`what` was looked at; what it `says`, and what to do."""

    what: str
    level: Level
    says: str


def not_checked(what: str, why: str) -> Finding:
    """Never fine: nobody knows."""
    return Finding(what, "look", f"not checked: {why}")


def worst(findings: Iterable[Finding]) -> Level:
    levels = {each.level for each in findings}
    return next((level for level in WORST_FIRST if level in levels), "fine")


def sorted_by_level(findings: Iterable[Finding]) -> Sequence[Finding]:
    """The worst first; else as they came."""
    return sorted(findings, key=lambda each: WORST_FIRST.index(each.level))
