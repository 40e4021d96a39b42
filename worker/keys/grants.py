"""Keeps what senders granted: encrypted, renewed by one process at a time."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime

from cryptography.fernet import MultiFernet
from sqlalchemy import Connection, Row, delete, func, insert, null, or_, select, update
from sqlalchemy.exc import IntegrityError

from worker.errors import ConfigError
from worker.keys.cipher import decrypted
from worker.store.db.clock import after, db_now, now
from worker.store.db.engine import Store
from worker.store.db.tables import grants


@dataclass(frozen=True, slots=True, kw_only=True)
class Grant:
    """As the database holds it, `at` its clock. What stays None is not known, or was never. The columns are told in `worker/store/db/tables.py`."""

    connection: str
    client: str
    at: datetime
    version: int = 0
    access: bytes | None = field(default=None, repr=False)
    refresh: bytes | None = field(default=None, repr=False)
    expires_at: datetime | None = None
    refresh_at: datetime | None = None
    grant_ends_at: datetime | None = None
    refreshed_at: datetime | None = None
    asked_at: datetime | None = None
    refused: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Sealed:
    """What is to be stored of an answer, encrypted."""

    client: str
    access: bytes = field(repr=False)
    refresh: bytes | None = field(repr=False)
    expires_at: datetime | None
    refresh_at: datetime | None
    grant_ends_at: datetime | None


def get(store: Store, connection: str) -> Grant | None:
    with store.read() as conn:
        return _get(conn, connection)


def every(conn: Connection) -> Sequence[Grant]:
    at = now(conn)
    return [_grant(row, at) for row in conn.execute(select(grants).order_by(grants.c.connection))]


def take(store: Store, connection: str, version: int, client: str, lease: str, seconds: float) -> Grant | None:
    """The grant as it was before, if it is of this version still and nobody else asks for it now."""
    if version == 0:
        with suppress(IntegrityError), store.write() as conn:
            if _get(conn, connection) is None:
                conn.execute(insert(grants).values(connection=connection, client=client))
    with store.write() as conn:
        free = or_(grants.c.lease_until.is_(None), grants.c.lease_until < db_now())
        ours = update(grants).where(grants.c.connection == connection, grants.c.version == version, free)
        if conn.execute(ours.values(lease=lease, lease_until=after(seconds))).rowcount == 0:
            return None
        found = _get(conn, connection)
        asked = func.coalesce(grants.c.asked_at, db_now())
        conn.execute(update(grants).where(grants.c.connection == connection).values(asked_at=asked))
        return found


def keep(conn: Connection, connection: str, version: int, sealed: Sealed) -> bool:
    """False where something newer is stored meanwhile. Whose lease it is does not matter: an answer that is lost may be the only one."""
    found = update(grants).where(grants.c.connection == connection, grants.c.version == version)
    return conn.execute(found.values(version=version + 1, refreshed_at=db_now(), **_values(sealed))).rowcount > 0


def put(conn: Connection, connection: str, sealed: Sealed) -> None:
    """What a person was granted, instead of what there was."""
    row = _get(conn, connection)
    version = row.version + 1 if row else 1
    values = {**_values(sealed), "version": version, "granted_at": db_now(), "refreshed_at": db_now()}
    found = update(grants).where(grants.c.connection == connection)
    if conn.execute(found.values(**values)).rowcount == 0:
        conn.execute(insert(grants).values(connection=connection, **values))


def release(store: Store, connection: str, lease: str, *, answered: bool, again_in: float) -> None:
    """Nothing came of it. `answered`: the endpoint surely did nothing. `again_in`: seconds after which it is asked ahead of time again."""
    values = {"lease": null(), "lease_until": null(), "refresh_at": after(again_in)}
    with store.write() as conn:
        found = update(grants).where(grants.c.connection == connection, grants.c.lease == lease)
        conn.execute(found.values(**values, **({"asked_at": null()} if answered else {})))


def refuse(store: Store, connection: str, version: int, why: str) -> bool:
    """It is worth nothing any more. False where something newer is stored meanwhile."""
    values = {"lease": null(), "lease_until": null(), "asked_at": null(), "refused": why}
    with store.write() as conn:
        found = update(grants).where(grants.c.connection == connection, grants.c.version == version)
        return conn.execute(found.values(**values)).rowcount > 0


def drop(conn: Connection, connection: str, client: str) -> bool:
    """Of this client's fingerprint."""
    found = delete(grants).where(grants.c.connection == connection, grants.c.client == client)
    return conn.execute(found).rowcount > 0


def encrypt_again(conn: Connection, cipher: MultiFernet) -> int:
    """Under the newest master key. Answers how many grants."""
    rows = every(conn)
    for each in rows:
        values = {
            name: None if value is None else cipher.encrypt(decrypted(cipher, value, what(each.connection)).encode())
            for name, value in (("access", each.access), ("refresh", each.refresh))
        }
        conn.execute(update(grants).where(grants.c.connection == each.connection).values(**values))
    return len(rows)


def opens(grant: Grant, cipher: MultiFernet | None) -> bool:
    """Whether what is stored encrypted can be read."""
    try:
        for ciphertext in (grant.access, grant.refresh):
            if ciphertext is not None:
                decrypted(cipher, ciphertext, what(grant.connection))
    except ConfigError:
        return False
    return True


def what(connection: str) -> str:
    return f"The grant of connection {connection}"


def _get(conn: Connection, connection: str) -> Grant | None:
    row = conn.execute(select(grants).where(grants.c.connection == connection)).one_or_none()
    return None if row is None else _grant(row, now(conn))


def _grant(row: Row[*tuple[object, ...]], at: datetime) -> Grant:
    return Grant(
        connection=row.connection,
        client=row.client,
        at=at,
        version=row.version,
        access=row.access,
        refresh=row.refresh,
        expires_at=row.expires_at,
        refresh_at=row.refresh_at,
        grant_ends_at=row.grant_ends_at,
        refreshed_at=row.refreshed_at,
        asked_at=row.asked_at,
        refused=row.refused,
    )


def _values(sealed: Sealed) -> dict[str, object]:
    return {
        "client": sealed.client,
        "access": sealed.access,
        "refresh": sealed.refresh,
        "expires_at": sealed.expires_at,
        "refresh_at": sealed.refresh_at,
        "grant_ends_at": sealed.grant_ends_at,
        "lease": null(),
        "lease_until": null(),
        "asked_at": null(),
        "refused": null(),
    }
