"""Reads the environment and relay.toml, once, into frozen values."""

from __future__ import annotations

from worker.settings.load import load
from worker.settings.report import report
from worker.settings.values import Connection, Delivery, Settings, Upsales, Window

__all__ = ["Connection", "Delivery", "Settings", "Upsales", "Window", "load", "report"]
