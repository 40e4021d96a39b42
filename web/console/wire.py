"""Writes what was found as JSON: field for field, times as RFC 3339 in UTC."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Collection, Mapping
from datetime import UTC, datetime
from typing import Any

from flask import Response

from worker.plan import QualifiedKey


def plain(value: Any) -> Any:
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
    if isinstance(value, QualifiedKey):
        return f"{value.connection}:{value.resource}:{value.id}"
    if dataclasses.is_dataclass(value):
        return {each.name: plain(getattr(value, each.name)) for each in dataclasses.fields(value)}
    if isinstance(value, Mapping):
        return {str(name): plain(each) for name, each in value.items()}
    if isinstance(value, Collection) and not isinstance(value, str | bytes):
        return [plain(each) for each in value]
    return value


def answer(value: Any, status: int = 200) -> Response:
    # Half a character, which JSON can hold and UTF-8 can't, becomes JSON's escape for it.
    text = json.dumps(plain(value), ensure_ascii=False).encode(errors="backslashreplace")
    return Response(text + b"\n", status, content_type="application/json; charset=utf-8")
