"""The Procfile, as a platform runs it."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

PROCFILE = Path(__file__).parents[3] / "Procfile"


def processes() -> dict[str, str]:
    lines = PROCFILE.read_text("utf-8").splitlines()
    return {name: command.strip() for name, _, command in (line.partition(":") for line in lines)}


def test_every_process_is_there() -> None:
    assert set(processes()) == {"release", "web", "worker", "beat", "flower"}


def test_flower_does_not_start_without_a_password() -> None:
    environ = {"PATH": os.environ["PATH"]}
    done = subprocess.run(
        ["sh", "-c", processes()["flower"]], env=environ, capture_output=True, text=True, timeout=30, check=False
    )
    line = "relay: FLOWER_BASIC_AUTH is not set; Flower does not start without user:password\n"
    assert (done.returncode, done.stdout, done.stderr) == (2, "", line)
