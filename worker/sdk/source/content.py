"""Tells what a file of a sender is: a plan holds no more of it."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from typing import Any, Final

from marshmallow import EXCLUDE, Schema, fields, post_load

from worker.plan import Content

PDF: Final = "application/pdf"
PDF_BEGINS: Final = b"%PDF-"
WITHIN: Final = 1024
"""Readers take a PDF whose mark is somewhere in its first bytes: ISO 32000-1, note 13 of annex H."""


class FileContent(Schema):
    """Loads what a reading holds of a file."""

    class Meta:
        unknown = EXCLUDE

    reading = fields.String(required=True)
    sha256 = fields.String(required=True)
    mediaType = fields.String(required=True)  # noqa: N815 - JSON of Upsales's kind
    size = fields.Integer(required=True, strict=True)

    @post_load
    def content(self, data: Mapping[str, Any], **_: Any) -> Content:
        return Content(data["reading"], data["sha256"], data["mediaType"], data["size"])


def content_of(reading: str, data: bytes, media_type: str) -> Content:
    """`reading`: the id under which the bytes are kept."""
    return Content(reading, hashlib.sha256(data).hexdigest(), media_type, len(data))


def told_of(content: Content) -> dict[str, Any]:
    """As `FileContent` loads it."""
    return {
        "reading": content.reading,
        "sha256": content.sha256,
        "mediaType": content.media_type,
        "size": content.size,
    }


def media_type_of(declared: str, data: bytes) -> str:
    """Of a PDF the bytes tell: senders call one application/octet-stream, and a page that says what went wrong a PDF."""
    if PDF_BEGINS in data[:WITHIN]:
        return PDF
    named = declared.partition(";")[0].strip().lower()
    return "application/octet-stream" if named in ("", PDF) else named
