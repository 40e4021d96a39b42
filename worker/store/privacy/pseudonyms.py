"""Replaces ids that name a person by keyed hashes, so that they are still recognised."""

from __future__ import annotations

import hashlib
import hmac
import secrets as randomness
from dataclasses import dataclass, field

from sqlalchemy import Connection, select

from worker.plan import NATURAL
from worker.store.db.clock import db_now
from worker.store.db.sql import insert_new
from worker.store.db.tables import secrets
from worker.store.privacy.person import forms

PREFIX = "erased:"
LENGTH = 40
# The row of the key, among those of connections; no connection can have an empty name.
OURS = {"connection": "", "kind": "erasure", "fingerprint": ""}


def may_name(text: str) -> bool:
    """Whether it could have been erased: it has to hold an address, in whatever spelling a person is found by."""
    return any("@" in form for form in forms(text))


@dataclass(frozen=True, slots=True)
class Pseudonyms:
    """The same for the same id for ever. With the database's own key alone, one can only be compared with a guess."""

    key: bytes = field(repr=False)

    def link(self, connection: str, resource: str, key: str) -> str:
        """What kind of natural key it was made of still shows: who is asked for the sender's own ids goes by that."""
        kind = next((kind for kind in NATURAL if key.startswith(kind)), "")
        return kind + self._of("link", connection, resource, key)

    def event(self, connection: str, event_id: str) -> str:
        return self._of("event", connection, event_id)

    def subject(self, connection: str, subject: str) -> str:
        return self._of("subject", connection, subject)

    def term(self, text: str) -> str:
        return self._of("term", text)

    def _of(self, *parts: str) -> str:
        text = "\n".join(parts).encode(errors="surrogatepass")
        return PREFIX + hmac.new(self.key, text, hashlib.sha256).hexdigest()[:LENGTH]


def pseudonyms(conn: Connection) -> Pseudonyms | None:
    """None while nobody was ever erased."""
    query = select(secrets.c.ciphertext).where(*(secrets.c[name] == value for name, value in OURS.items()))
    key = conn.execute(query).scalar_one_or_none()
    return None if key is None else Pseudonyms(key)


def made_pseudonyms(conn: Connection) -> Pseudonyms:
    """With a key that is made once."""
    insert_new(conn, secrets, **OURS, ciphertext=randomness.token_bytes(32), added_at=db_now())
    found = pseudonyms(conn)
    assert found is not None
    return found
