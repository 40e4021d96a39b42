"""Pauses and resumes connections, and asks Upsales whether it takes their keys."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import Connection as Database
from sqlalchemy import exists, select

from worker.admin.parts import Parts
from worker.admin.refusals import NotNow
from worker.admin.standing import configured
from worker.errors import ConfigError, Failure, OutcomeUnknown, Unavailable, Waiting
from worker.settings import Connection
from worker.store.db.clock import db_now
from worker.store.db.tables import lanes
from worker.store.lanes import connections
from worker.store.people import audit
from worker.store.people.audit import Actor

UNKNOWN = (Unavailable, Waiting, OutcomeUnknown)
"""They say nothing about the key."""


@dataclass(frozen=True, slots=True)
class Resumed:
    """`paused`: whether it was. `audit`: None if there was nothing to do."""

    paused: bool
    audit: int | None


@dataclass(frozen=True, slots=True)
class Asked:
    """What Upsales said of a key. `resumed`: deliveries go on for it."""

    accepted: bool
    says: str
    resumed: bool
    audit: int


def about(name: str) -> str:
    """What audit rows about a connection are about."""
    return f"connection/{name}"


def pause(parts: Parts, actor: Actor, name: str, why: str) -> int | None:
    """No deliveries until a person resumes it. None: it was so already, for this very reason. Raises Refusal."""
    name = configured(parts, name).name
    with parts.store.write() as conn:
        connections.locked(conn, name)
        before = connections.get(conn, name)
        if before.paused and before.probe_at is None and before.reason == why:
            return None
        connections.begin_pause(conn, name, why, probe_in=None)
        return audit.record(conn, actor, "pause", about(name), why=why)


def resume(parts: Parts, actor: Actor, name: str, why: str | None = None) -> Resumed:
    """Deliveries go on, and what waits after failures is tried now. Raises Refusal."""
    name = configured(parts, name).name
    with parts.store.write() as conn:
        connections.locked(conn, name)
        before = connections.get(conn, name)
        held = before.paused or before.breaks > 0 or bool(before.failing)
        done = None
        if held or _waits(conn, name):
            connections.end_pause(conn, name)
            told = "was paused" if before.paused else "was not paused: what waited is tried now"
            done = audit.record(conn, actor, "resume", about(name), why=why, outcome=told)
    if done is not None:
        connections.hurry(parts.store, name)
    return Resumed(before.paused, done)


def _waits(conn: Database, name: str) -> bool:
    later = exists().where(lanes.c.connection == name, lanes.c.due_at > db_now())
    return bool(conn.execute(select(later)).scalar_one())


def ask_now(parts: Parts, actor: Actor, name: str) -> Asked:
    """Whether Upsales takes the connection's key. What paused itself for its key is resumed, if so. Raises Refusal.

    What its sender refuses stays paused, and its sender is asked with the next sweep.
    """
    connection = configured(parts, name)
    failure, key = _failure(parts, connection)
    with parts.store.write() as conn:
        state = connections.locked(conn, connection.name)
        waits = state.state == "paused" and state.probe_at is not None
        by_sender = waits and state.refused_by == connections.SOURCE
        itself = waits and not by_sender
        if failure is None and itself:
            connections.end_pause(conn, connection.name)
        elif failure is not None and itself and not isinstance(failure, UNKNOWN):
            connections.change(conn, connection.name, reason=str(failure), refused_key=key)
        says = str(failure) if failure else f"account {state.account} ({state.account_name})"
        outcome = f"not to be found out: {says}" if isinstance(failure, UNKNOWN) else says
        if failure is None:
            outcome = f"the key {key} is accepted: {says}"
        if by_sender:
            connections.change(conn, connection.name, probe_at=db_now())
            outcome = f"{outcome}; it stays paused until its sender accepts its token, and is asked now"
        done = audit.record(conn, actor, "ask-now", about(connection.name), outcome=outcome)
    if failure is None and itself:
        connections.hurry(parts.store, connection.name)
    return Asked(failure is None, outcome, failure is None and itself, done)


def _failure(parts: Parts, connection: Connection) -> tuple[Failure | None, str]:
    """What speaks against the present key, and its fingerprint. The connection is bound to the account of a good one."""
    try:
        binding = parts.runtime.binding
        key = binding.fingerprint(connection)
    except ConfigError as error:
        raise NotNow(str(error)) from None
    try:
        binding.probe(connection)
    except Failure as failure:
        return failure, key
    return None, key
