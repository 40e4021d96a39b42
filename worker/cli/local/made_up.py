"""Keeps keys and secrets that were made up for a sandbox, in a file for its owner only."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path

from worker.errors import ConfigError


def keep(path: Path, variables: Mapping[str, str]) -> None:
    """By the variables that would hold them."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    path.touch(mode=0o600)
    path.write_text(json.dumps(variables), "utf-8")


def kept(path: Path, remedy: str) -> Mapping[str, str]:
    """None where there is no file. `remedy`: what to do about one that can't be read."""
    try:
        return {str(name): str(value) for name, value in json.loads(path.read_text("utf-8")).items()}
    except FileNotFoundError:
        return {}
    except (OSError, ValueError, AttributeError):
        raise ConfigError(f"{path} can't be read: {remedy}") from None
