"""Opens Upsales with settings and a key alone, before there is a database or Redis."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager

from worker.cli.context import Installation
from worker.settings import Connection
from worker.upsales import Read, Upsales
from worker.upsales.http import HttpClient
from worker.upsales.lookup_cache import Cache


class Unlimited:
    """A budget for a few calls that a person asks for."""

    account: int | None = None

    def take(self, *, write: bool, leading: bool = False, priority: bool = False, spared: int = 0) -> None:
        """Nothing is counted."""

    def learn(self, headers: Mapping[str, str]) -> None:
        """Nothing is kept."""


class Unkept:
    """A journal that keeps nothing."""

    def read(self, read: Read) -> None:
        """Nothing is kept."""


@contextmanager
def bare_upsales(installation: Installation, connection: Connection, key: str) -> Iterator[Upsales]:
    """Its calls are neither counted nor journalled."""
    settings = installation.live_settings.upsales
    http = HttpClient(
        settings.base_url,
        key,
        Unlimited(),
        fingerprint=installation.keys.fingerprint(key),
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
