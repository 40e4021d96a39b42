"""Makes short names for secrets, the same in every process of an installation."""

from __future__ import annotations

import hashlib
import hmac
import secrets as randomness
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal, TypeAlias

from sqlalchemy import insert, select
from sqlalchemy.exc import IntegrityError

from worker.store.db.clock import db_now
from worker.store.db.engine import Store
from worker.store.db.tables import secrets

LENGTH = 12
# The row of the installation's own random key, among those of connections; no connection can have an empty name.
OURS = {"connection": "", "kind": "fingerprint", "fingerprint": ""}


def fingerprint(key: bytes, secret: str) -> str:
    return hmac.new(key, secret.encode(), hashlib.sha256).hexdigest()[:LENGTH]


def installation_key(store: Store) -> bytes:
    """Made once. It encrypts nothing: with it alone, a fingerprint can only be compared with a guess."""
    found = _stored(store)
    if found is None:
        _make(store)
        found = _stored(store)
    assert found is not None
    return found


def _stored(store: Store) -> bytes | None:
    query = select(secrets.c.ciphertext).where(*(secrets.c[name] == value for name, value in OURS.items()))
    with store.read() as conn:
        return conn.execute(query).scalar_one_or_none()


def _make(store: Store) -> None:
    """Another process may be quicker; then its key is the installation's."""
    with suppress(IntegrityError), store.write() as conn:
        conn.execute(insert(secrets).values(**OURS, ciphertext=randomness.token_bytes(32), added_at=db_now()))


Kind: TypeAlias = Literal["api_key", "secret", "token", "verify_token"]
Source: TypeAlias = Literal["environment", "file", "stored"]


@dataclass(frozen=True, slots=True)
class Secret:
    """Its value, and where it was found. A stored one may end at `retires`. `ends`: when its sender stops taking it, as a person told."""

    value: str = field(repr=False)
    source: Source
    retires: datetime | None = None
    ends: datetime | None = None
