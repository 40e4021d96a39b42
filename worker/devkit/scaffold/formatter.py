"""Lays out written files with ruff, where ruff is installed."""

from __future__ import annotations

import shutil
import subprocess
import sys
from collections.abc import Iterable, Sequence
from importlib.util import find_spec
from pathlib import Path

ORDER_IMPORTS = ("check", "--fix", "--select=I", "--quiet", "--no-cache")
LAY_OUT = ("format", "--quiet", "--no-cache")


def lay_out(files: Iterable[Path], ruff: Sequence[str]) -> bool:
    """Whether it was done. `ruff`: how it is called; empty if it is not installed."""
    sources = sorted(str(path) for path in files if path.suffix == ".py")
    return bool(ruff) and all(_runs([*ruff, *step, *sources]) for step in (ORDER_IMPORTS, LAY_OUT))


def installed_ruff() -> Sequence[str]:
    """In this environment, else on the path."""
    if find_spec("ruff"):
        return (sys.executable, "-m", "ruff")
    found = shutil.which("ruff")
    return (found,) if found else ()


def _runs(command: Sequence[str]) -> bool:
    return subprocess.run(command, capture_output=True, check=False).returncode == 0  # noqa: S603 - no shell
