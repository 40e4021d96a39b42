"""Asks over HTTP in a mapping, which no connector may."""

from __future__ import annotations

from typing import Any

import httpx

from worker.devkit.scaffold import template
from worker.plan import Plan
from worker.sdk.connector import Event


def booked(event: Event, settings: Any) -> Plan:
    httpx.get("http://127.0.0.1:1/")
    return template.visit_booked(event, settings)
