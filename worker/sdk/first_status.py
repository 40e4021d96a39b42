"""Decides whether an event waits when it is stored, or has ended already."""

from __future__ import annotations

from typing import Literal, TypeAlias

from worker.errors import TypeUnknown
from worker.sdk.connector import Connector, Handles
from worker.sdk.read import ReadEvent, storable
from worker.sdk.route import NO_RULE, rule_for

LONGEST_REASON = 1000

First: TypeAlias = tuple[Literal["pending", "ignored", "dead"], str | None, str | None]
"""A status, the reason, and its code."""


def first_status(connector: Connector, reading: ReadEvent) -> First:
    if reading.problem:
        code = "unnamed" if reading.missing else TypeUnknown.code
        return "dead", storable(reading.problem)[:LONGEST_REASON], code
    rule = rule_for(connector, reading.type)
    if isinstance(rule, Handles):
        return "pending", None, None
    return "ignored", storable((rule or NO_RULE).rule)[:LONGEST_REASON], "rule"
