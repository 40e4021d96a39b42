"""Reads senders' own APIs, as their connectors declare them."""

from __future__ import annotations

from worker.sources.no_tokens import NoTokens
from worker.sources.ports import Page, Reader, Signer, Thing
from worker.sources.sources import Sources

__all__ = ["NoTokens", "Page", "Reader", "Signer", "Sources", "Thing"]
