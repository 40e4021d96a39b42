"""What a body holds, in values that a database can keep."""

from __future__ import annotations

import hashlib
import json
import math
from collections.abc import Callable
from typing import Any
from urllib.parse import parse_qs

from worker.connector import Connector
from worker.errors import Failure

LONGEST = 255
MOST_FORM_FIELDS = 10_000


class BadBody(Failure):
    """The body is not what this sender sends: answer 400."""


def parsed(connector: Connector, body: bytes) -> Any:
    try:
        if connector.body == "form":
            pairs = parse_qs(body.decode(), keep_blank_values=True, max_num_fields=MOST_FORM_FIELDS, errors="strict")
            return {name: values[0] if len(values) == 1 else values for name, values in pairs.items()}
        return json.loads(body, parse_constant=_finite, parse_float=_finite)
    except (ValueError, RecursionError):  # what json and parse_qs raise; nested too deep
        raise BadBody(f"{connector.name}: the body is not {'a form' if connector.body == 'form' else 'JSON'}") from None


def _finite(text: str) -> float:
    """JSON has no NaN and no Infinity, and PostgreSQL takes none."""
    if not math.isfinite(number := float(text)):
        raise ValueError(text)
    return number


def storable(value: Any) -> Any:
    """The JSON value without what PostgreSQL and UTF-8 can't hold: NUL, and halves of surrogate pairs."""
    if isinstance(value, str):
        return value.replace("\0", "").encode(errors="replace").decode()
    if isinstance(value, list):
        return [storable(each) for each in value]
    if isinstance(value, dict):
        return {storable(name): storable(each) for name, each in value.items()}
    return value


def masked(payload: Any, paths: tuple[str, ...], mask: Callable[[str], str]) -> Any:
    for path in paths:
        payload = _masked_at(payload, path.split("."), mask)
    return payload


def _masked_at(value: Any, steps: list[str], mask: Callable[[str], str]) -> Any:
    if not steps:
        return mask(str(value))
    if not isinstance(value, dict) or steps[0] not in value:
        return value
    return {**value, steps[0]: _masked_at(value[steps[0]], steps[1:], mask)}


def bounded(text: str) -> str:
    """The text if a database and a URL can hold it, else a digest that stands for it."""
    storable = len(text) <= LONGEST and "\0" not in text and not any("\ud800" <= char <= "\udfff" for char in text)
    return text if storable else digest(text)


def digest(text: str) -> str:
    return "sha256:" + hashlib.sha256(text.encode(errors="surrogatepass")).hexdigest()
