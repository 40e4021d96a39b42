"""Fills addresses that a connector declares with the settings of a connection."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from ipaddress import ip_address
from typing import Any, Final
from urllib.parse import SplitResult, quote, urlsplit

from worker.errors import ConfigError
from worker.sdk.source.source import Source

HOLE: Final = re.compile(r"\{([a-z_][a-z0-9_]*)\}")
PART: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*")
"""Of an address: with a slash or a colon in it, a setting would lead to another host than is declared."""


def root(source: Source, settings: Any) -> str:
    """The root of the sender's API for a connection with these settings, without a slash at its end. Raises ConfigError."""
    filled = address(source.url, settings)
    split = _split(filled)
    if split is None or split.scheme != "https":
        raise ConfigError(
            f"the address of its sender's API comes out as {filled!r}: it must be https://, a host, and a path at the most"
        )
    return filled.rstrip("/")


def for_trying(url: Any) -> str:
    """The root of an API on this machine. Raises ConfigError for any other place."""
    split = _split(url) if isinstance(url, str) else None
    if split is None or not _loopback(split.hostname or ""):
        raise ConfigError(
            f"{url!r} is not on this machine: it is for trying, as http://127.0.0.1:8003/oneflow; a sender's real API is where its connector says"
        )
    return split.geturl().rstrip("/")


def address(template: str, settings: Any) -> str:
    """Raises ConfigError where a setting is missing, or is more than one part of an address. What begins it may be an address itself."""

    def filled(hole: re.Match[str]) -> str:
        return (_part if hole.start() else _setting)(settings, hole[1])

    return HOLE.sub(filled, template)


def fill(
    template: str, settings: Any, given: Mapping[str, str] | None = None, write: Callable[[str], str] = str
) -> str:
    """Raises ConfigError where a setting is missing. `given` comes before settings; `write` is how a value is written."""
    values = given or {}

    def filled(hole: re.Match[str]) -> str:
        name = hole[1]
        return write(values[name] if name in values else _setting(settings, name))

    return HOLE.sub(filled, template)


def quoted(text: str) -> str:
    """As one step of a path, or as a value in a query."""
    return quote(text, safe="")


def _part(settings: Any, name: str) -> str:
    value = _setting(settings, name)
    if not PART.fullmatch(value):
        raise ConfigError(f"its setting {name} can't be part of an address")
    return value


def _setting(settings: Any, name: str) -> str:
    value = getattr(settings, name, None)
    if value is None or value == "":
        raise ConfigError(f"its sender's API can't be read without the setting {name}, which is not set")
    return str(value)


def _split(url: str) -> SplitResult | None:
    """None for what is no root: one that has a query, a user, or no host."""
    try:
        split = urlsplit(url)
        port_is_fine = split.port is None or split.port > 0
    except ValueError:
        return None
    plain = url.isascii() and url.isprintable() and " " not in url and not {"?", "#", "@", "\\"} & set(url)
    return split if plain and port_is_fine and split.scheme in ("http", "https") and split.hostname else None


def _loopback(host: str) -> bool:
    try:
        return host == "localhost" or ip_address(host).is_loopback
    except ValueError:
        return False
