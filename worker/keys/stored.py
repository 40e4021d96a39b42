"""Keeps secrets in the database: encrypted, one row each, until the day they retire."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

from cryptography.fernet import MultiFernet
from sqlalchemy import ColumnElement, Connection, Row, delete, insert, null, or_, select, update

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
    ends: datetime | None

    def value(self, cipher: MultiFernet | None) -> str:
        return decrypted(cipher, self.ciphertext, f"The {KIND_NAMES[self.kind]} of connection {self.connection}")


KIND_NAMES = {"api_key": "API key", "secret": "signing secret", "token": "token", "verify_token": "verify token"}
IN_FORCE = or_(secrets.c.retired_at.is_(None), secrets.c.retired_at > db_now())


def in_force(store: Store) -> Sequence[StoredSecret]:
    """The newest first."""
    query = select(secrets).where(secrets.c.ciphertext.is_not(None), secrets.c.connection != "", IN_FORCE)
    with store.read() as conn:
        rows = conn.execute(query.order_by(secrets.c.added_at.desc(), secrets.c.fingerprint)).all()
    return [_secret(row) for row in rows]


def _secret(row: Row[*tuple[object, ...]]) -> StoredSecret:
    return StoredSecret(
        row.connection,
        row.kind,
        row.fingerprint,
        row.ciphertext,
        row.added_at,
        row.used_at,
        row.retired_at,
        row.ends_at,
    )


def last_used(store: Store) -> dict[tuple[str, str, str], datetime]:
    """By connection, kind and fingerprint, wherever the secret itself lives."""
    query = select(secrets).where(secrets.c.used_at.is_not(None))
    with store.read() as conn:
        return {(row.connection, row.kind, row.fingerprint): row.used_at for row in conn.execute(query)}


def times(conn: Connection, connection: str) -> dict[tuple[str, str], tuple[datetime, datetime | None]]:
    """When each was added and last used, by kind and fingerprint, wherever the secret itself lives."""
    rows = conn.execute(select(secrets).where(secrets.c.connection == connection))
    return {(row.kind, row.fingerprint): (row.added_at, row.used_at) for row in rows}


def put(store: Store, connection: str, kind: Kind, fingerprint: str, ciphertext: bytes, *, overlap: float = 0) -> None:
    """The others of its kind retire in `overlap` seconds."""
    with store.write() as conn:
        keep(conn, connection, kind, fingerprint, ciphertext, overlap=overlap)


def keep(
    conn: Connection,
    connection: str,
    kind: Kind,
    fingerprint: str,
    ciphertext: bytes,
    *,
    overlap: float = 0,
    ends: datetime | None = None,
) -> None:
    """As `put`, in a transaction that does more. `ends`: when its sender stops taking it."""
    others = (secrets.c.connection == connection, secrets.c.kind == kind, secrets.c.fingerprint != fingerprint)
    if overlap > 0:
        conn.execute(update(secrets).where(*others, IN_FORCE).values(retired_at=after(overlap)))
    elif kind == "api_key":
        _leave_a_name(conn, others)
    else:
        conn.execute(delete(secrets).where(*others))
    conn.execute(delete(secrets).where(*_at(connection, kind, fingerprint)))
    row = {"connection": connection, "kind": kind, "fingerprint": fingerprint}
    conn.execute(insert(secrets).values(**row, ciphertext=ciphertext, added_at=db_now(), ends_at=ends))


def _leave_a_name(conn: Connection, others: Sequence[ColumnElement[bool]]) -> None:
    """Of the API key that is replaced, so that people know which one they may delete in Upsales. Nothing is left of those before it."""
    held = secrets.c.ciphertext.is_not(None)
    if conn.execute(select(secrets.c.fingerprint).where(*others, held)).first():
        conn.execute(delete(secrets).where(*others, ~held))
        conn.execute(update(secrets).where(*others).values(ciphertext=null(), retired_at=db_now()))


def replaced(conn: Connection, connection: str) -> tuple[str, datetime] | None:
    """The fingerprint of the stored API key that was replaced last, and when."""
    gone = (secrets.c.connection == connection, secrets.c.kind == "api_key", secrets.c.ciphertext.is_(None))
    names = select(secrets.c.fingerprint, secrets.c.retired_at).where(*gone, secrets.c.retired_at.is_not(None))
    row = conn.execute(names.order_by(secrets.c.retired_at.desc()).limit(1)).one_or_none()
    return None if row is None else (row.fingerprint, row.retired_at)


def drop(conn: Connection, connection: str, fingerprint: str) -> bool:
    gone = delete(secrets).where(secrets.c.connection == connection, secrets.c.fingerprint == fingerprint)
    return conn.execute(gone.where(secrets.c.ciphertext.is_not(None))).rowcount > 0


def encrypt_again(conn: Connection, cipher: MultiFernet) -> int:
    """Under the newest master key. One transaction: a failure leaves everything readable as it was."""
    query = select(secrets).where(secrets.c.ciphertext.is_not(None), secrets.c.connection != "")
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
