"""Decides which addresses of a sender's API a request may go to; pure."""

from __future__ import annotations

from dataclasses import dataclass

import httpx

from worker.errors import ConfigError
from worker.sdk.source import Source, where
from worker.settings import Connection


@dataclass(frozen=True, slots=True)
class Place:
    """Where a connection reads. `root`: what the connector says. `trying`: the root on this machine that stands in for it, if any."""

    root: str
    hosts: tuple[str, ...] = ()
    trying: str | None = None

    def start(self, path: str) -> str:
        return f"{self.trying or self.root}{path}"

    def allowed(self, address: str) -> httpx.URL | None:
        """The address, if a request may go there; where a root stands in, what leads to the API leads to it."""
        if self.trying is not None and _begins(address, self.root):
            address = self.trying + address[len(self.root) :]
        url = _read(address)
        return url if url is not None and not url.userinfo and _origin(url) in self._origins() else None

    def elsewhere(self, address: str) -> httpx.URL | None:
        """The address, if it may be followed without anything that is the connection's; none is where a root stands in."""
        url = None if self.trying is not None else _read(address)
        return url if url is not None and url.scheme == "https" and url.host and not url.userinfo else None

    def _origins(self) -> set[tuple[str, str, int | None]]:
        roots = [self.trying] if self.trying is not None else [self.root, *(f"https://{host}" for host in self.hosts)]
        return {_origin(url) for url in map(_read, roots) if url is not None}


def place_of(connection: Connection, source: Source) -> Place:
    """Raises ConfigError where a setting that the address needs is missing."""
    hosts = tuple(where.address(host, connection.settings) for host in source.hosts)
    return Place(_root(connection, source), hosts, connection.source_url)


def _root(connection: Connection, source: Source) -> str:
    """What stands in on this machine needs no setting that tells where the sender is."""
    try:
        return where.root(source, connection.settings)
    except ConfigError:
        if connection.source_url is None:
            raise
        return connection.source_url


def _begins(address: str, root: str) -> bool:
    return address.startswith(root) and address[len(root) :][:1] in ("", "/", "?")


def _read(address: str) -> httpx.URL | None:
    try:
        return httpx.URL(address)
    except (httpx.InvalidURL, TypeError, ValueError):
        return None


PORTS = {"https": 443, "http": 80}


def _origin(url: httpx.URL) -> tuple[str, str, int | None]:
    """The port that is meant without one counts as given."""
    return url.scheme, url.host, url.port or PORTS.get(url.scheme)
