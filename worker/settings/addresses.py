"""Checks URLs and ports, and brings them into the form that everything else reads."""

from __future__ import annotations

import ipaddress
from collections.abc import Callable, Mapping
from pathlib import Path
from urllib.parse import SplitResult, urlsplit

from worker.errors import ConfigError

SQLITE = "sqlite:///"
REDIS_SCHEMES = ("redis", "rediss")
# Platforms hand out postgres://, which SQLAlchemy does not know; the driver is ours to name.
POSTGRES_SCHEMES = ("postgres", "postgresql", "postgresql+psycopg")


def database(url: str, home: Callable[[], Path]) -> str:
    """`home`: what the path of an SQLite file is relative to."""
    url = url or "sqlite:///var/relay.db"
    scheme, _, rest = url.partition("://")
    if scheme in POSTGRES_SCHEMES:
        return f"postgresql+psycopg://{rest}"
    if scheme != "sqlite":
        raise ConfigError(f"DATABASE_URL: {scheme or url}:// is not supported; use sqlite:/// or postgresql://")
    path = url.removeprefix(SQLITE).split("?")[0]
    if not url.startswith(SQLITE) or path in ("", ":memory:"):
        raise ConfigError(
            "DATABASE_URL: name a file, such as sqlite:///var/relay.db; memory is not shared by processes"
        )
    return f"{SQLITE}{path if Path(path).is_absolute() else home() / path}"


def redis(url: str) -> str | None:
    if not url:
        return None
    if parts_of(url, "REDIS_URL").scheme not in REDIS_SCHEMES:
        raise ConfigError(f"REDIS_URL: must start with one of {', '.join(f'{each}://' for each in REDIS_SCHEMES)}")
    return url


def upsales(url: str, where: str) -> str:
    parts = _http(url, where)
    if parts.scheme != "https" and not loopback(parts.hostname or ""):
        raise ConfigError(f"{where}: must be https, an API key goes over it (http is for localhost only)")
    return url.rstrip("/")


def public(url: str | None) -> str | None:
    if not url:
        return None
    _http(url, "RELAY_PUBLIC_URL")
    return url.rstrip("/")


def port(environ: Mapping[str, str], name: str, default: int) -> int:
    number = count(environ, name, default)
    if number > 65535:
        raise ConfigError(f"{name}: {number} is no port; give a number from 1 to 65535")
    return number


def address(environ: Mapping[str, str], name: str, default: str) -> str:
    text = environ.get(name) or default
    try:
        return str(ipaddress.ip_address(text))
    except ValueError:
        if text == "localhost":
            return text
        raise ConfigError(f"{name}: {text!r} is no address; write 127.0.0.1, or 0.0.0.0 for all") from None


def count(environ: Mapping[str, str], name: str, default: int) -> int:
    text = environ.get(name) or str(default)
    if not (text.isascii() and text.isdigit() and int(text) > 0):
        raise ConfigError(f"{name}: {text!r} is not a whole number above 0")
    return int(text)


def check_flower(logins: str | None) -> None:
    """Flower splits at the first colon, and compares as ASCII: https://flower.readthedocs.io/en/latest/config.html#basic-auth."""
    if logins and not (logins.isascii() and all(":" in login for login in logins.split(","))):
        raise ConfigError("FLOWER_BASIC_AUTH: write user:password, without letters such as å")


def _http(url: str, where: str) -> SplitResult:
    parts = parts_of(url, where)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise ConfigError(f"{where}: must be a URL such as https://integration.upsales.com/api/v2")
    if parts.username or parts.password or parts.query or parts.fragment:
        raise ConfigError(f"{where}: must hold neither credentials nor a query")
    return parts


def parts_of(url: str, where: str) -> SplitResult:
    """What Python says of a URL that is none may quote it, with the password."""
    try:
        parts = urlsplit(url)
        _ = parts.port
    except ValueError:
        signs = "write [ ] / ? # @ in a password as %5B %5D %2F %3F %23 %40"
        raise ConfigError(f"{where}: is no URL; its port is a number up to 65535, and {signs}") from None
    return parts


def loopback(host: str) -> bool:
    """Whether what is sent to the host stays on this machine."""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
