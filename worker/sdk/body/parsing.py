"""Parses a body into what JSON can hold."""

from __future__ import annotations

import json
import math
from collections.abc import Sequence
from typing import Any
from urllib.parse import parse_qsl

from worker.sdk.body import multipart, xml
from worker.sdk.body.brackets import opened
from worker.sdk.connector import BodyKind

MOST_FORM_FIELDS = 10_000


def document(kind: BodyKind, body: bytes, json_fields: Sequence[str] = (), bracketed: Sequence[str] = ()) -> Any:
    """`json_fields`: those of a form that hold JSON. `bracketed`: those that hold others.

    Raises ValueError and RecursionError for what is no such body.
    """
    match kind:
        case "form":
            pairs = parse_qsl(body.decode(), keep_blank_values=True, max_num_fields=MOST_FORM_FIELDS, errors="strict")
            return opened(gathered(pairs, json_fields), bracketed)
        case "multipart":
            return gathered([(part.name, part.said) for part in multipart.parts(body)], json_fields)
        case "xml":
            return xml.document(body)
        case _:
            return loaded(body)


def loaded(text: bytes | str) -> Any:
    """JSON has no NaN and no Infinity, and PostgreSQL takes none."""
    return json.loads(text, parse_constant=_finite, parse_float=_finite)


def gathered(pairs: Sequence[tuple[str, Any]], json_fields: Sequence[str] = ()) -> dict[str, Any]:
    """A field that is there several times holds a list."""
    found: dict[str, list[Any]] = {}
    for name, value in pairs:
        inner = loaded(value) if name in json_fields and isinstance(value, str) and value.strip() else value
        found.setdefault(name, []).append(inner)
    return {name: values[0] if len(values) == 1 else values for name, values in found.items()}


def _finite(text: str) -> float:
    if not math.isfinite(number := float(text)):
        raise ValueError(text)
    return number
