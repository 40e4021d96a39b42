"""Describes files: uploaded by `/file/upload`, attached by `/files`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from marshmallow import Schema

from schemas.upsales.fields import Exact, Number, OneOf, Reference, Text

MOST_BYTES = 25_000_000
"""Upsales takes no larger file: https://github.com/AxelOhlander/upsales-python-sdk, upsales/resources/file_upload.py."""


class Content(Exact):
    """What stands for the bytes, which are read when they are sent."""

    nullable = False

    def problem(self, value: Any) -> str | None:
        if not isinstance(value, Mapping) or not value.get("reading") or not isinstance(value.get("mediaType"), str):
            return "is not the content of a file that was read"
        size = value.get("size")
        if Number().problem(size) or not isinstance(size, int) or size < 1:
            return "is empty"
        if size > MOST_BYTES:
            return f"has {size} bytes; Upsales takes {MOST_BYTES}"
        return None


class File(Schema):
    name = Text(255, required=True)
    content = Content(required=True)
    entity = OneOf("Client", "Contact", "Order", "Appointment", "Activity")
    entityId = Reference()
    client = Reference()
