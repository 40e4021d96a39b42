"""Reads bodies as senders write them: JSON, forms, forms with parts, XML."""

from __future__ import annotations

from worker.sdk.body.masking import hidden
from worker.sdk.body.parsing import document

__all__ = ["document", "hidden"]
