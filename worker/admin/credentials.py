"""Tells which API key, signing secrets and token a connection uses, by their fingerprints."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection as Database

from worker.admin.known import Known, ask
from worker.admin.parts import Parts
from worker.errors import RelayError
from worker.instruments import tokens
from worker.keys import FRESH, stored
from worker.keys.fingerprints import Kind, Secret, Source
from worker.sdk.signatures import flaw_of
from worker.settings import Connection
from worker.store import StoreUnavailable
from worker.store.db.clock import now
from worker.store.lanes import lanes
from worker.store.ledger import journal

SURELY = timedelta(minutes=10)
"""Nothing that was under way when a key was replaced still goes on."""


@dataclass(frozen=True, slots=True)
class Used:
    """A key or a secret. `variable`: that holds it, or names its file. `flaw`: why nothing can be verified with it."""

    fingerprint: str
    source: Source
    variable: str | None
    added: datetime | None
    last_used: datetime | None
    valid_until: datetime | None
    flaw: str | None = None


@dataclass(frozen=True, slots=True)
class Replaced:
    """The key before the present one. `lanes`: how many are under way, which may end on it."""

    fingerprint: str
    at: datetime
    last_call: datetime | None
    lanes: int
    deletable: bool


@dataclass(frozen=True, slots=True)
class Credentials:
    """`key_problem`, `secret_problem`, `token_problem`: what is wrong, in a line without a secret. `changeable`: whether they can be set here.

    `reads`: whether its sender's own API is read, with `token`. `token_ends`: that, or the grant that belongs to it; None: never, or not known.
    """

    key: Used | None
    key_problem: str | None
    key_changeable: bool
    replaced: Known[Replaced | None]
    secrets: Sequence[Used]
    secret_problem: str | None
    secrets_changeable: bool
    needs_secret: bool
    reads: bool = False
    token: Used | None = None
    token_problem: str | None = None
    token_ends: datetime | None = None


def credentials(parts: Parts, connection: Connection) -> Known[Credentials]:
    try:
        keys, key_problem = _found(parts, connection.name, "api_key")
        secrets, secret_problem = _found(parts, connection.name, "secret")
        held, token_problem, token_ends = _token(parts, connection)
        named = {each.value: parts.keys.fingerprint(each.value) for each in (*keys, *secrets, *held)}
    except StoreUnavailable:
        return Known(None, why="unavailable")

    before = ask(parts.store, lambda conn: replaced(conn, connection.name))

    def question(conn: Database) -> Credentials:
        times = stored.times(conn, connection.name)

        def used(kind: Kind, each: Secret) -> Used:
            mark = named[each.value]
            added, last = times.get((kind, mark), (None, None))
            is_key = kind == "api_key"
            return Used(
                fingerprint=mark,
                source=each.source,
                variable=parts.keys.variable(connection.name, kind),
                added=added if each.source == "stored" else None,
                last_used=journal.last_call(conn, connection.name, mark) if is_key else last,
                valid_until=each.retires,
                flaw=flaw_of(connection.connector.signature, each.value) if kind == "secret" else None,
            )

        return Credentials(
            key=used("api_key", keys[0]) if keys else None,
            key_problem=key_problem,
            key_changeable=parts.keys.variable(connection.name, "api_key") is None,
            replaced=before,
            secrets=[used("secret", each) for each in secrets],
            secret_problem=secret_problem,
            secrets_changeable=parts.keys.variable(connection.name, "secret") is None,
            needs_secret=connection.connector.signature.needs_secret,
            reads=connection.connector.source is not None,
            token=used("token", held[0]) if held else None,
            token_problem=token_problem,
            token_ends=token_ends,
        )

    return ask(parts.store, question)


def replaced(conn: Database, name: str) -> Replaced | None:
    """Only of keys that were stored."""
    found = stored.replaced(conn, name)
    if found is None:
        return None
    mark, at = found
    age, last = now(conn) - at, journal.last_call(conn, name, mark)
    still = 0 if age > SURELY else len(lanes.owned(conn, name))
    return Replaced(mark, at, last, still, not still and age > timedelta(seconds=FRESH))


def _token(parts: Parts, connection: Connection) -> tuple[Sequence[Secret], str | None, datetime | None]:
    """What is there, what is wrong with it, and when it ends. Nothing where its sender is not read."""
    if connection.connector.source is None:
        return (), None, None
    try:
        found = parts.keys.found(connection.name, "token")
        ends = tokens.ends(connection, parts.keys)
        return found, tokens.lacking(connection, parts.keys), ends.at if ends else None
    except StoreUnavailable:
        raise
    except RelayError as error:
        return (), str(error), None


def _found(parts: Parts, name: str, kind: Kind) -> tuple[Sequence[Secret], str | None]:
    """What is there, and what is wrong with it."""
    try:
        found = parts.keys.found(name, kind)
        if kind == "api_key":
            parts.keys.api_key(name)
    except StoreUnavailable:
        raise
    except RelayError as error:
        return (), str(error)
    return found, None
