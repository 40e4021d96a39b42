"""Tells the settings as they were read, each with its source, without any secret."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, fields
from typing import Any, Final
from urllib.parse import urlsplit

from worker.settings import Settings
from worker.settings.values import Window

DEFAULT: Final = "default"
SET, UNSET = "set", "not set"
VARIABLES: Final[Mapping[str, str]] = {
    "port": "PORT",
    "console_port": "CONSOLE_PORT",
    "console_address": "CONSOLE_ADDRESS",
    "sandbox_port": "RELAY_SANDBOX_PORT",
    "flower_port": "FLOWER_PORT",
    "public_url": "RELAY_PUBLIC_URL",
}
WINS: Final[Mapping[tuple[str, str], str]] = {
    ("upsales", "base_url"): "UPSALES_BASE_URL",
    ("delivery", "threads"): "THREADS",
}
"""Variables that win over what relay.toml says."""
SECRET: Final[Mapping[str, str]] = {
    "webhook": "RELAY_ALERTS_WEBHOOK_URL",
    "signing_key": "RELAY_ALERTS_SIGNING_KEY",
    "slack": "RELAY_ALERTS_SLACK_URL",
    "smtp": "RELAY_ALERTS_SMTP_URL",
}
SWITCHES: Final = ("RELAY_MASTER_KEY", "SENTRY_DSN")
COUNTED: Final = ("email_to", "fallbacks")
"""Names of people and companies: how many there are is enough."""
PLAIN: Final = ("RELAY_LOG", "RELAY_LOG_LEVEL", "OTEL_TRACES_EXPORTER")
LONGER: Final = ((86400, "days"), (3600, "h"), (60, "min"))
TABLES: Final = ("upsales", "delivery", "matching", "alerts")


@dataclass(frozen=True, slots=True)
class SettingShown:
    """`source`: a variable, a table of relay.toml, or `default`."""

    table: str
    name: str
    value: str
    source: str


def shown(settings: Settings, environ: Mapping[str, str], database: str) -> Sequence[SettingShown]:
    return [
        *_of_the_whole(settings, environ, database),
        *_of_tables(settings, environ),
        *_of_the_console(settings, environ),
    ]


def _of_the_whole(settings: Settings, environ: Mapping[str, str], database: str) -> Iterator[SettingShown]:
    where = str(settings.config) if settings.config else "none"
    yield SettingShown("", "relay.toml", where, _variable(environ, "RELAY_CONFIG") or DEFAULT)
    yield SettingShown("", "database", database, _variable(environ, "DATABASE_URL") or DEFAULT)
    yield SettingShown("", "redis", _place(settings.redis_url), _variable(environ, "REDIS_URL") or DEFAULT)
    for name, variable in VARIABLES.items():
        yield SettingShown("", name, _text(getattr(settings, name)), _variable(environ, variable) or DEFAULT)
    for variable in SWITCHES:
        source = _variable(environ, variable)
        yield SettingShown("", variable, SET if source else UNSET, source or DEFAULT)
    for variable in PLAIN:
        yield SettingShown("", variable, environ.get(variable) or UNSET, _variable(environ, variable) or DEFAULT)


def _of_tables(settings: Settings, environ: Mapping[str, str]) -> Iterator[SettingShown]:
    config = settings.config.name if settings.config else "relay.toml"
    for table in TABLES:
        given, default = getattr(settings, table), getattr(Settings(), table)
        for each in fields(given):
            value = getattr(given, each.name)
            variable = WINS.get((table, each.name)) or (SECRET.get(each.name) if table == "alerts" else None)
            named = variable and _variable(environ, variable)
            written = f"{config} [{table}]" if value != getattr(default, each.name) else DEFAULT
            if each.repr and each.name not in COUNTED:
                told = _seconds(value) if isinstance(value, float) else _text(value)
                yield SettingShown(table, each.name, told, named or written)
            else:
                told = f"{len(value)}" if each.name in COUNTED else SET if value else UNSET
                yield SettingShown(table, each.name, told, named or written)


def _of_the_console(settings: Settings, environ: Mapping[str, str]) -> Iterator[SettingShown]:
    for role, variable in (("operator", "RELAY_ADMIN_TOKEN"), ("viewer", "RELAY_VIEWER_TOKEN")):
        names = sorted(token.name for token in settings.console.tokens if token.role == role)
        yield SettingShown(
            "console", f"tokens of {role}s", _text(tuple(names)), _variable(environ, variable) or DEFAULT
        )
    proxy = settings.console.proxy
    value = UNSET if proxy is None else f"{proxy.header} from {proxy.address}"
    yield SettingShown("console", "proxy", value, _variable(environ, "RELAY_CONSOLE_PROXY") or DEFAULT)
    hosts = _text(tuple(sorted(settings.console.hosts)))
    yield SettingShown("console", "hosts", hosts, _variable(environ, "RELAY_CONSOLE_HOSTS") or DEFAULT)


def _variable(environ: Mapping[str, str], name: str) -> str | None:
    return next((each for each in (name, f"{name}_FILE") if environ.get(each)), None)


def _place(url: str | None) -> str:
    """Without a password."""
    if url is None:
        return UNSET
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.hostname or ''}{f':{parts.port}' if parts.port else ''}{parts.path}"


def _seconds(value: float) -> str:
    """All numbers of these tables that are no counts are seconds."""
    told = f"{value:g} s" if value < 1_000_000 else f"{value:.0f} s"
    size, unit = next(((size, unit) for size, unit in LONGER if value >= 2 * size), (1, "s"))
    return told if size == 1 or value % size else f"{told} ({value / size:g} {unit})"


def _text(value: Any) -> str:
    if value is None or value in ((), ""):
        return UNSET
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, Window):
        return f"{value.limit} in {value.seconds:g} s"
    if isinstance(value, float):
        return f"{value:g}" if value < 1_000_000 else f"{value:.0f}"
    if isinstance(value, tuple | frozenset):
        return ", ".join(_text(each) for each in (sorted(value) if isinstance(value, frozenset) else value))
    return str(value)
