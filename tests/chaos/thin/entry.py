"""Has the processes of a run find the thin sender's connector, as that of a package that somebody installed."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from worker.connectors import GROUP

PACKAGE = "chaos_thin-1.0.dist-info"
METADATA = "Metadata-Version: 2.1\nName: chaos-thin\nVersion: 1.0\n"
ENTRY = f"[{GROUP}]\nthin = tests.chaos.thin.connector:connector\n"


def installed(directory: Path, environ: Mapping[str, str]) -> Mapping[str, str]:
    """The environment in which it is found."""
    packages = directory / "packages"
    info = packages / PACKAGE
    info.mkdir(parents=True, exist_ok=True)
    (info / "METADATA").write_text(METADATA, "utf-8")
    (info / "entry_points.txt").write_text(ENTRY, "utf-8")
    return {**environ, "PYTHONPATH": f"{packages}:{environ['PYTHONPATH']}"}
