"""Stands in for signing where no token can be had."""

from __future__ import annotations

from collections.abc import Mapping

from worker.errors import SourceForbidden
from worker.settings import Connection


class NoTokens:
    """As `ports.Signer`, of connections without tokens."""

    def headers(self, connection: Connection, *, afresh: bool = False) -> Mapping[str, str]:  # noqa: ARG002 - the port's signature
        raise SourceForbidden(f"connection {connection.name} has no token for its sender's API")

    def fingerprint(self, connection: Connection) -> str:  # noqa: ARG002 - the port's signature
        return ""
