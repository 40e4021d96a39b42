"""Masks what a record holds: of each text that may tell of a person only its shape is left."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, Final, TypeAlias

from worker.admin.shapes import shape

Json: TypeAlias = Any

PLAIN: Final = re.compile(r"\d{4}-\d\d-\d\d(?:T[\d:.]+(?:Z|[+-]\d\d:?\d\d)?)?|[A-Z]{3}|[01]|[0-9a-f]{32}|\[erased\]|")
"""Days and times, currencies, yes and no, our own markers, what was erased, nothing."""


def shaped(value: Json) -> Json:
    """Numbers, ids and the form stay."""
    if isinstance(value, str):
        return value if PLAIN.fullmatch(value) else shape(value)
    if isinstance(value, Mapping):
        return {name: shaped(part) for name, part in value.items()}
    if isinstance(value, list | tuple):
        return [shaped(part) for part in value]
    return value
