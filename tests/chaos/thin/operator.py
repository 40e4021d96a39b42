"""Does what an operator of the relay does for the thin sender: authorizes it, and has its changes read."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select

from tests.chaos.scaled import THIN
from tests.chaos.thin.connector import SOURCE
from worker.keys import Keys
from worker.keys import grants as stored
from worker.keys.grants import Sealed
from worker.settings.variables import variables_of
from worker.store import Store, StoreUnavailable
from worker.store.db.tables import grants
from worker.store.sources import cursors
from worker.store.sources.cursors import Progress


@dataclass(frozen=True, slots=True)
class Operator:
    """While the database is away nothing comes of it, and it is tried again."""

    store: Store
    environ: Mapping[str, str]

    def authorize(self, refresh: str) -> None:
        """As `relay connections authorize` does, with an answer that holds no access token that still counts."""
        keys = Keys(self.environ, self.store)
        sealed = Sealed(
            client=keys.fingerprint(self.environ[variables_of(THIN, "TOKEN")[0]]),
            access=keys.encrypted("begun"),
            refresh=keys.encrypted(refresh),
            expires_at=datetime.fromisoformat("2026-01-01T00:00:00+00:00"),
            refresh_at=None,
            grant_ends_at=None,
        )
        with self.store.write() as conn:
            stored.put(conn, THIN, sealed)

    def grant_is_lost(self) -> bool:
        try:
            with self.store.read() as conn:
                refused = conn.execute(select(grants.c.refused).where(grants.c.connection == THIN)).scalar()
        except StoreUnavailable:
            return False
        return refused is not None

    def catch_up(self, since: datetime | None = None) -> bool:
        """As `relay catch-up` does."""
        try:
            with self.store.write() as conn:
                cursors.ask(conn, THIN, SOURCE.kinds, since)
        except StoreUnavailable:
            return False
        return True

    def progress(self) -> Sequence[Progress]:
        try:
            with self.store.read() as conn:
                return cursors.progress(conn, [THIN])
        except StoreUnavailable:
            return ()
