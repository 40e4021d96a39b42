"""Field values of a plan."""

from __future__ import annotations

import re
from collections.abc import Mapping

from worker.plan import Stage, Value

PERCENT = re.compile(r"(\d{1,3})\s*%")
NOTHING: tuple[Value, ...] = (None, "", (), {})


def filled(fields: Mapping[str, Value]) -> dict[str, Value]:
    """The fields that say something. What a sender doesn't know must not empty what people wrote in Upsales."""
    return {name: value for name, value in fields.items() if value not in NOTHING}


def stage(text: str) -> Stage:
    """`Won` is the stage of that name, `90%` the active stage of that probability."""
    percent = PERCENT.fullmatch(text.strip())
    return Stage(probability=int(percent[1])) if percent else Stage(name=text.strip())
