"""Keeps secrets in the database: encrypted, one row each, until the day they retire."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

from cryptography.fernet import MultiFernet
from sqlalchemy import ColumnElement, Connection, Row, delete, insert, or_, select, update

from worker.keys.cipher import decrypted
from worker.keys.fingerprints import Kind
from worker.store.db.clock import after, db_now
from worker.store.db.engine import Store
from worker.store.db.tables import secrets


@dataclass(frozen=True, slots=True)
class StoredSecret:
    connection: str
    kind: Kind
    fingerprint: str
    ciphertext: bytes = field(repr=False)
    added: datetime
    used: datetime | None
    retires: datetime | None

    def value(self, cipher: MultiFernet | None) -> str:
        return decrypted(cipher, self.ciphertext, f"The {KIND_NAMES[self.kind]} of connection {self.connection}")


KIND_NAMES = {"api_key": "API key", "secret": "signing secret"}
IN_FORCE = or_(secrets.c.retired_at.is_(None), secrets.c.retired_at > db_now())


def in_force(store: Store) -> Sequence[StoredSecret]:
    """The newest first."""
    query = select(secrets).where(secrets.c.ciphertext.is_not(None), secrets.c.connection != "", IN_FORCE)
    with store.read() as conn:
        rows = conn.execute(query.order_by(secrets.c.added_at.desc(), secrets.c.fingerprint)).all()
    return [_secret(row) for row in rows]


def _secret(row: Row[*tuple[object, ...]]) -> StoredSecret:
    return StoredSecret(
        row.connection, row.kind, row.fingerprint, row.ciphertext, row.added_at, row.used_at, row.retired_at
    )


def last_used(store: Store) -> dict[tuple[str, str, str], datetime]:
    """By connection, kind and fingerprint, wherever the secret itself lives."""
    query = select(secrets).where(secrets.c.used_at.is_not(None))
    with store.read() as conn:
        return {(row.connection, row.kind, row.fingerprint): row.used_at for row in conn.execute(query)}


def put(store: Store, connection: str, kind: Kind, fingerprint: str, ciphertext: bytes, *, overlap: float = 0) -> None:
    """The others of its kind retire in `overlap` seconds."""
    with store.write() as conn:
        _retire(conn, connection, kind, fingerprint, overlap)
        conn.execute(delete(secrets).where(*_at(connection, kind, fingerprint)))
        row = {"connection": connection, "kind": kind, "fingerprint": fingerprint}
        conn.execute(insert(secrets).values(**row, ciphertext=ciphertext, added_at=db_now()))


def _retire(conn: Connection, connection: str, kind: Kind, but: str, overlap: float) -> None:
    others = (secrets.c.connection == connection, secrets.c.kind == kind, secrets.c.fingerprint != but)
    if overlap <= 0:
        conn.execute(delete(secrets).where(*others))
    else:
        conn.execute(update(secrets).where(*others, IN_FORCE).values(retired_at=after(overlap)))


def drop(store: Store, connection: str, fingerprint: str) -> bool:
    with store.write() as conn:
        gone = delete(secrets).where(secrets.c.connection == connection, secrets.c.fingerprint == fingerprint)
        return conn.execute(gone.where(secrets.c.ciphertext.is_not(None))).rowcount > 0


def encrypt_again(store: Store, cipher: MultiFernet) -> int:
    """Under the newest master key. One transaction: a failure leaves everything readable as it was."""
    query = select(secrets).where(secrets.c.ciphertext.is_not(None), secrets.c.connection != "")
    with store.write() as conn:
        rows = [_secret(row) for row in conn.execute(query)]
        for each in rows:
            ciphertext = cipher.encrypt(each.value(cipher).encode())
            found = _at(each.connection, each.kind, each.fingerprint)
            conn.execute(update(secrets).where(*found).values(ciphertext=ciphertext))
    return len(rows)


def mark_used(store: Store, used: Sequence[tuple[str, Kind, str]]) -> None:
    with store.write() as conn:
        for connection, kind, fingerprint in sorted(used):
            found = update(secrets).where(*_at(connection, kind, fingerprint)).values(used_at=db_now())
            if conn.execute(found).rowcount == 0:
                row = {"connection": connection, "kind": kind, "fingerprint": fingerprint}
                conn.execute(insert(secrets).values(**row, added_at=db_now(), used_at=db_now()))


def _at(connection: str, kind: Kind, fingerprint: str) -> tuple[ColumnElement[bool], ...]:
    return secrets.c.connection == connection, secrets.c.kind == kind, secrets.c.fingerprint == fingerprint
