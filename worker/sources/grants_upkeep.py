"""Renews grants that nobody reads with, before they lapse."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass

import structlog

from worker.errors import ConfigError, Failure
from worker.keys import Keys
from worker.sdk.source import OAuth2
from worker.settings import Connection
from worker.sources.grants_judge import lapses
from worker.sources.ports import Signer

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Upkeep:
    """Safe to share between threads."""

    keys: Keys
    signer: Signer

    def due(self, connection: Connection) -> bool:
        """False where a person has to give the grant anew: that is told elsewhere."""
        source, name = connection.connector.source, connection.name
        if source is None or not isinstance(source.sign, OAuth2):
            return False
        grant = self.keys.grants().get(name)
        with suppress(ConfigError):
            token = self.keys.token(name)
            return (
                grant is not None
                and bool(token)
                and grant.client == self.keys.fingerprint(token or "")
                and lapses(grant)
            )
        return False

    def run(self, connection: Connection) -> None:
        """What fails is tried again in a while, by the next sweep."""
        try:
            self.signer.headers(connection)
        except Failure as failure:
            log.warning("an idle grant is not renewed yet", connection=connection.name, reason=str(failure))
