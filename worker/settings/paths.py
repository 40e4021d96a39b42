"""Finds relay.toml, and what relative paths are relative to."""

from __future__ import annotations

import os
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from worker.errors import ConfigError
from worker.settings.ownership import others_may_write

CONFIG = "relay.toml"


def find_config(environ: Mapping[str, str], directory: Path) -> Path | None:
    named = environ.get("RELAY_CONFIG")
    if not named:
        return _safe(_upwards(CONFIG, directory), "RELAY_CONFIG={}")
    config = (directory / named).resolve()
    if not config.is_file():
        raise ConfigError(f"RELAY_CONFIG: there is no file {config}")
    return config


def home_of(config: Path | None, directory: Path) -> Path:
    if config:
        return config.parent
    database = _safe(_upwards("var/relay.db", directory), "DATABASE_URL=sqlite:///{}")
    return database.parent.parent if database else directory.resolve()


def read_toml(config: Path) -> Mapping[str, Any]:
    try:
        return tomllib.loads(config.read_text("utf-8"))
    except tomllib.TOMLDecodeError as error:
        raise ConfigError(f"{config.name}: not TOML: {error}") from None
    except UnicodeDecodeError:
        raise ConfigError(f"{config.name}: not UTF-8 text") from None
    except OSError as error:
        raise ConfigError(f"{config}: can't be read: {error.strerror}") from None


def _safe(found: Path | None, cure: str) -> Path | None:
    """A file that somebody else put there would tell us where to send API keys: who means such a file has to name it."""
    for path in (found, found.resolve()) if found else ():
        if place := others_may_write(path, os.geteuid()):
            raise ConfigError(
                f"{found}: found by looking upwards, but others may write {place};"
                f" if it is yours, say so: {cure.format(found)}"
            )
    return found


def _upwards(name: str, directory: Path) -> Path | None:
    start = directory.resolve()
    return next((place / name for place in (start, *start.parents) if (place / name).is_file()), None)
