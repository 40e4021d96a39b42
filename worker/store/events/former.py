"""Keeps what an event was before it was to be tried again, and puts it back."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from sqlalchemy import Row

from worker.plan import QualifiedKey
from worker.store.db.tables import EPOCH, events

PLAIN = ("status", "attempts", "server_errors", "claims", "reason", "reason_code", "note", "candidates", "batch")
KEYS = ("review_key", "waits_for")
TIMES = ("waits_until", "done_at", "again_at")
MICROSECOND = timedelta(microseconds=1)


def kept(event: Row[Any]) -> Mapping[str, Any]:
    """What of it a trial overwrites, as JSON."""
    keys = {name: getattr(event, name) for name in KEYS}
    times = {name: getattr(event, name) for name in TIMES}
    return {
        **{name: getattr(event, name) for name in PLAIN},
        **{name: key and [key.connection, key.resource, key.id] for name, key in keys.items()},
        **{name: time and (time - EPOCH) // MICROSECOND for name, time in times.items()},
    }


def restored(former: Mapping[str, Any]) -> Mapping[str, Any]:
    """The values of the columns. Those that came later are left as they are."""
    values = {name: value for name, value in former.items() if name in events.c}
    keys = {name: values[name] and QualifiedKey(*values[name]) for name in KEYS if name in values}
    times = {name: values[name] and EPOCH + values[name] * MICROSECOND for name in TIMES if name in values}
    return {**values, **keys, **times, "former": None}
