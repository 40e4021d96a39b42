"""Defines the outcome of a run, of which the ends of its events are told."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from worker.plan import Key, Product


@dataclass(slots=True)
class Result:
    """The outcome of a run.

    `effective`: events that decided a field of a record as it now stands.
    `deleted`: keys whose record a person deleted in Upsales: nothing was done for them.
    `absent`: keys whose record is not in Upsales, and that no event of the run would make.
    `left_out`: keys that a change would have linked to, and that have no record.
    `substituted`: products for which their fallback stands in. `without_contacts`: records whose contacts Upsales did not take.
    `misfits`: by event, what of it fits no custom field.
    """

    effective: set[str] = field(default_factory=set)
    deleted: list[Key] = field(default_factory=list)
    absent: set[Key] = field(default_factory=set)
    left_out: set[Key] = field(default_factory=set)
    substituted: set[Product] = field(default_factory=set)
    without_contacts: set[Key] = field(default_factory=set)
    misfits: Mapping[str, Sequence[str]] = field(default_factory=dict)
