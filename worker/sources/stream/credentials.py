"""Brings what a stream is opened with: signed headers, and what is kept for the connection."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Protocol

from worker.settings import Connection


class Signer(Protocol):
    """Raises SourceForbidden where a connection has no token."""

    def headers(self, connection: Connection, *, afresh: bool = False) -> Mapping[str, str]: ...


@dataclass(frozen=True, slots=True)
class SignedCredentials:
    """`kept`: the token that is stored for a connection. A connector without an API of its sender's is signed with nothing."""

    signer: Signer
    kept: Callable[[str], str | None]

    def headers(self, connection: Connection, *, afresh: bool = False) -> Mapping[str, str]:
        if connection.connector.source is None:
            return {}
        return self.signer.headers(connection, afresh=afresh)

    def token(self, connection: Connection) -> str:
        return self.kept(connection.name) or ""
