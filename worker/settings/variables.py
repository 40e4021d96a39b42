"""Names the variables that hold keys and secrets, and finds those nobody reads."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from functools import cache
from pathlib import Path

from worker.errors import ConfigError, alike

KINDS = ("API_KEY", "SECRET", "TOKEN", "VERIFY_TOKEN")
ALERTS_WEBHOOK = "RELAY_ALERTS_WEBHOOK_URL"
ALERTS_SIGNING_KEY = "RELAY_ALERTS_SIGNING_KEY"
ALERTS_SLACK = "RELAY_ALERTS_SLACK_URL"
ALERTS_SMTP = "RELAY_ALERTS_SMTP_URL"
OF_ALERTS = (ALERTS_WEBHOOK, ALERTS_SIGNING_KEY, ALERTS_SLACK, ALERTS_SMTP)
CREDENTIAL = re.compile(r"RELAY_([A-Z0-9_]+?)_(API_KEY|SECRET|VERIFY_TOKEN|TOKEN)(?:_FILE)?")
OTHERS = (
    "RELAY_CONFIG",
    "RELAY_MASTER_KEY",
    "RELAY_MASTER_KEY_FILE",
    "RELAY_ADMIN_TOKEN",
    "RELAY_ADMIN_TOKEN_FILE",
    "RELAY_VIEWER_TOKEN",
    "RELAY_VIEWER_TOKEN_FILE",
    "RELAY_CONSOLE_PROXY",
    "RELAY_PUBLIC_URL",
    "RELAY_SANDBOX_PORT",
    "RELAY_LOG",
    "RELAY_LOG_LEVEL",
    *(f"{name}{file}" for name in OF_ALERTS for file in ("", "_FILE")),
)


CONSOLE = frozenset({"ADMIN", "VIEWER"})
"""Prefixes whose token is the console's, and no connection's."""


def prefix(connection: str) -> str:
    return connection.upper().replace("-", "_")


@cache  # asked with every webhook and every claim
def variables_of(connection: str, kind: str) -> tuple[str, str]:
    """The variable that holds it, and the one that names a file."""
    name = f"RELAY_{prefix(connection)}_{kind}"
    return name, f"{name}_FILE"


def given(environ: Mapping[str, str], name: str) -> str:
    """What the variable holds, or the file that `<name>_FILE` names; empty where neither is set."""
    file = f"{name}_FILE"
    refuse_two_sources(environ, name, file)
    path = environ.get(file)
    refuse_undecodable(name, environ.get(name, ""))
    return read_secret(file, Path(path)) if path else environ.get(name, "")


def strays(environ: Mapping[str, str], connections: Iterable[str], connectors: Iterable[str]) -> Mapping[str, str]:
    """Variables that look like a key or secret and belong to no connection: by each, what to do.

    Raises ConfigError for one that looks like a setting of the whole installation.
    """
    known = {each for name in connections for kind in KINDS for each in variables_of(name, kind)}
    prefixes = {prefix(name) for name in connectors}
    lines = ((variable, _stray(variable, known, prefixes)) for variable in sorted(environ))
    return {variable: line for variable, line in lines if line}


def _stray(variable: str, known: set[str], connectors: set[str]) -> str:
    """Empty for what is known, or none of our business."""
    if not variable.startswith("RELAY_") or variable in known or variable in OTHERS:
        return ""
    credential = CREDENTIAL.fullmatch(variable)
    if credential and credential[1] in connectors and credential[2] != "API_KEY":
        # A connector that has its secret or token, but no API key yet, is no connection.
        return ""
    meant = alike(variable, [*known, *OTHERS], cutoff=0.85)
    if meant and meant[0] in OTHERS:
        raise ConfigError(f"{variable}: no such setting; did you mean {meant[0]}?")
    if meant:
        return f"{variable}: no such setting; did you mean {meant[0]}?"
    if credential:
        return f"{variable}: no connection is called {credential[1].lower()}; remove it, or add the connection"
    return ""


def refuse_two_sources(environ: Mapping[str, str], variable: str, file: str) -> None:
    if environ.get(variable) and environ.get(file):
        raise ConfigError(f"{variable} and {file} are both set; keep one")


def refuse_undecodable(variable: str, value: str) -> None:
    """What is no UTF-8 in the environment comes as halves of surrogate pairs, which can be neither hashed nor sent."""
    if value.encode(errors="replace").decode() != value:
        raise ConfigError(f"{variable} is not UTF-8 text")


def read_secret(variable: str, path: Path) -> str:
    try:
        return path.read_text("utf-8").strip()
    except UnicodeDecodeError:
        raise ConfigError(f"{variable}: {path} is not UTF-8 text") from None
    except OSError as error:
        raise ConfigError(f"{variable}: {path} can't be read: {error.strerror}") from None
