"""Collects the pieces of a request that a signature is made over, in their order."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import TypeAlias

from worker.sdk.request import Request
from worker.sdk.signatures.scheme import text_bytes
from worker.sdk.signatures.timestamps import Timestamp

Piece: TypeAlias = str | Callable[[Request, datetime], bytes | None]
"""A literal text, or what reads one part of a request; None: the part is missing or not to be believed."""


def body(request: Request, _now: datetime) -> bytes:
    return request.body


def method(request: Request, _now: datetime) -> bytes:
    return text_bytes(request.method)


def content(pieces: tuple[Piece, ...], request: Request, now: datetime) -> bytes | None:
    parts: list[bytes] = []
    for piece in pieces:
        part = text_bytes(piece) if isinstance(piece, str) else piece(request, now)
        if part is None:
            return None
        parts.append(part)
    return b"".join(parts)


def stamped(pieces: tuple[Piece, ...], request: Request, now: datetime) -> Request:
    """The request with its timestamp headers set."""
    for piece in pieces:
        if isinstance(piece, Timestamp):
            request = piece.stamp(request, now)
    return request
