"""Hashes values with a key of the database, so that they can be looked for and not be read."""

from __future__ import annotations

import hashlib
import secrets as randomness
from dataclasses import dataclass, field
from typing import Final

from sqlalchemy import Connection, select

from worker.store.db.clock import db_now
from worker.store.db.sql import insert_new
from worker.store.db.tables import secrets

BYTES: Final = 8
# The row of the key, among those of connections; no connection can have an empty name.
OURS: Final = {"connection": "", "kind": "search", "fingerprint": ""}


@dataclass(frozen=True, slots=True)
class Hashing:
    """With the database's own key: who has both can compare a hash with a guess."""

    key: bytes = field(repr=False)

    def term(self, normal: str) -> int:
        """As the column holds it: eight bytes with a sign."""
        digest = hashlib.blake2b(normal.encode(errors="surrogatepass"), digest_size=BYTES, key=self.key)
        return int.from_bytes(digest.digest(), "big", signed=True)


def hexadecimal(term: int) -> str:
    """As it stands in an address."""
    return term.to_bytes(BYTES, "big", signed=True).hex()


def from_hexadecimal(text: str) -> int:
    return int.from_bytes(bytes.fromhex(text), "big", signed=True)


def hashing(conn: Connection) -> Hashing | None:
    """None before anything was made searchable."""
    query = select(secrets.c.ciphertext).where(*(secrets.c[name] == value for name, value in OURS.items()))
    key = conn.execute(query).scalar_one_or_none()
    return None if key is None else Hashing(key)


def made_hashing(conn: Connection) -> Hashing:
    """With a key that is made once."""
    insert_new(conn, secrets, **OURS, ciphertext=randomness.token_bytes(32), added_at=db_now())
    found = hashing(conn)
    assert found is not None
    return found
