"""The keys and secrets a demo made up, beside its settings, for commands that are run with these. They open a sandbox only."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path

from worker.errors import ConfigError

FILE = "made-up-secrets.json"


def keep(home: Path, variables: Mapping[str, str]) -> None:
    path = home / FILE
    path.touch(mode=0o600)
    path.write_text(json.dumps(variables), "utf-8")


def beside(config: Path | None) -> Mapping[str, str]:
    """By the variables that would hold them; none beside the settings of any other installation."""
    path = config.parent / FILE if config else None
    if path is None or not path.is_file():
        return {}
    try:
        return {str(name): str(value) for name, value in json.loads(path.read_text("utf-8")).items()}
    except (OSError, ValueError, AttributeError):
        raise ConfigError(f"{path} can't be read: start `relay demo` again") from None
