"""Reads senders' own APIs, as their connectors declare them."""

from __future__ import annotations

from worker.sources.ports import Page, Reader, Signer, Thing
from worker.sources.sources import Sources

__all__ = ["Page", "Reader", "Signer", "Sources", "Thing"]
