"""Opens Upsales with settings and a key alone, before there is a database or Redis."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager

from worker.settings import Connection
from worker.settings import Upsales as UpsalesSettings
from worker.upsales import Read, Upsales
from worker.upsales.http import HttpClient
from worker.upsales.lookup_cache import Cache


class Unlimited:
    """A budget for a few calls that a person asks for."""

    account: int | None = None

    def take(
        self,
        *,
        write: bool,
        leading: bool = False,
        priority: bool = False,
        behind: bool = False,
        spared: int = 0,
    ) -> None:
        """Nothing is counted."""

    def learn(self, headers: Mapping[str, str]) -> None:
        """Nothing is kept."""


class Unkept:
    """A journal that keeps nothing."""

    def read(self, read: Read) -> None:
        """Nothing is kept."""


@contextmanager
def bare_upsales(settings: UpsalesSettings, connection: Connection, key: str, fingerprint: str) -> Iterator[Upsales]:
    """Its calls are neither counted nor journalled. `fingerprint`: of the key."""
    http = HttpClient(
        settings.base_url,
        key,
        Unlimited(),
        fingerprint=fingerprint,
        auth=settings.auth,
        call_timeout=settings.call_timeout,
    )
    try:
        yield Upsales(
            http=http,
            journal=Unkept(),
            cache=Cache(),
            scope=connection.writes,
            external_id_alias=settings.external_id,
            org_no_alias=settings.org_no,
        )
    finally:
        http.close()
