"""Finds relay.toml, and what relative paths are relative to."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from worker.errors import ConfigError

CONFIG = "relay.toml"


def find_config(environ: Mapping[str, str], directory: Path) -> Path | None:
    named = environ.get("RELAY_CONFIG")
    if not named:
        return _upwards(CONFIG, directory)
    config = (directory / named).resolve()
    if not config.is_file():
        raise ConfigError(f"RELAY_CONFIG: there is no file {config}")
    return config


def home_of(config: Path | None, directory: Path) -> Path:
    if config:
        return config.parent
    database = _upwards("var/relay.db", directory)
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


def _upwards(name: str, directory: Path) -> Path | None:
    start = directory.resolve()
    return next((place / name for place in (start, *start.parents) if (place / name).is_file()), None)
