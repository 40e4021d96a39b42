"""Tells which setting an address comes from. Pure."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from urllib.parse import urlsplit

from worker.cli.doctor.facts import Place

TABLE = re.compile(r"\s*\[\s*([^\]]+?)\s*\]")


def database(name: str, environ: Mapping[str, str], config: Path | None) -> Place:
    if environ.get("DATABASE_URL"):
        return Place(name, "DATABASE_URL")
    beside = f"beside {config}" if config else "under the current folder"
    return Place(name, f"the default, var/relay.db {beside}; DATABASE_URL is not set")


def redis(url: str, environ: Mapping[str, str], up: int | None) -> Place:
    """Without its credentials."""
    parts = urlsplit(url)
    address = f"{parts.hostname or 'localhost'}:{parts.port or 6379}"
    if environ.get("REDIS_URL"):
        return Place(address, "REDIS_URL")
    return Place(address, _of_up(up))


def upsales(url: str, environ: Mapping[str, str], config: Path | None, text: str, up: int | None, given: str) -> Place:
    """`text`: the settings file. `given`: the address in the settings; a `relay up` that runs here may have another."""
    if url != given:
        return Place(url, _of_up(up))
    if environ.get("UPSALES_BASE_URL"):
        return Place(url, "UPSALES_BASE_URL")
    line = line_of(text, "upsales", "base_url")
    if config is not None and line is not None:
        return Place(url, f"{config.name} line {line}: [upsales] base_url")
    return Place(url, "the default; neither UPSALES_BASE_URL nor [upsales] base_url is set")


def line_of(text: str, table: str, key: str) -> int | None:
    """Of a setting in a file of TOML, from 1; None where it is not written as a line of its table."""
    here = ""
    for number, line in enumerate(text.splitlines(), 1):
        if found := TABLE.match(line):
            here = found[1]
        elif here == table and re.match(rf"\s*{re.escape(key)}\s*=", line):
            return number
    return None


def _of_up(up: int | None) -> str:
    return f"the `relay up` that runs here, process {up}" if up else "a `relay up` that ran here"
