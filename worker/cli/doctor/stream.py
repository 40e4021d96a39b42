"""Judges how a connection's stream is listened to. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta

from worker.cli.doctor.facts import ConnectionFacts, Unknown
from worker.cli.doctor.findings import Finding, not_checked
from worker.cli.doctor.installation import span
from worker.instruments.listening import unheard
from worker.store.streams.leases import Listening


def stream(now: datetime, found: ConnectionFacts) -> Iterator[Finding]:
    what = f"{found.name}: stream"
    known = found.listening
    if isinstance(known, Unknown):
        yield not_checked(what, known.why)
        return
    yield _listened(what, now, found.name, known)
    gap = _gap(now, found)
    if gap:
        yield Finding(what, "look", gap)


def _listened(what: str, now: datetime, name: str, known: Listening | None) -> Finding:
    problem = unheard(name, known)
    if problem:
        return Finding(what, "wrong", problem)
    assert known is not None
    if known.state != "listening":
        return Finding(what, "look", f"it is being opened: {known.reason or 'since a moment ago'}")
    heard = (
        f"last heard {span(max((now - known.heard_at).total_seconds(), 0.0))} ago"
        if known.heard_at
        else "nothing was told yet"
    )
    if known.reason:
        return Finding(what, "look", f"listened to by {known.owner}, {heard}; {known.reason}")
    return Finding(what, "fine", f"listened to by {known.owner}, {heard}")


def _gap(now: datetime, found: ConnectionFacts) -> str | None:
    """Where nobody listened for longer than the sender keeps what it has to tell."""
    declared, known = found.connection.connector.stream, found.listening
    assert declared is not None
    if isinstance(found.stored_at, Unknown) or isinstance(known, Unknown) or found.stored_at is None:
        return None
    if declared.reach is None or (known is not None and known.listens):
        return None
    away = now - found.stored_at
    if away < timedelta(days=declared.reach):
        return None
    return f"nothing was stored for {away.days} days, and the sender tells what was missed for {declared.reach} days only: read the rest from its API"
