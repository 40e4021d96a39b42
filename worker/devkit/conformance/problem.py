"""Defines a problem: what a rule finds wrong, where, and how to mend it."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Problem:
    """`where`: the case, type, field or header. `what` may be several lines. `rule` is set by whoever ran the rule."""

    where: str
    what: str
    mend: str
    rule: str = ""

    def __str__(self) -> str:
        return f"{self.rule}: {self.where}: {self.what} ({self.mend})"
