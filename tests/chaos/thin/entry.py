"""Has the processes of a run find the thin sender's connector, as that of a package that somebody installed."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from tests.chaos.scaled import HEARD, THIN
from worker.connectors import GROUP

PACKAGE = "chaos_thin-1.0.dist-info"
METADATA = "Metadata-Version: 2.1\nName: chaos-thin\nVersion: 1.0\n"


OURS: Mapping[str, str] = {
    THIN: "tests.chaos.thin.connector:connector",
    HEARD: "tests.chaos.heard.connector:connector",
}


def installed(directory: Path, environ: Mapping[str, str], places: Mapping[str, str] = OURS) -> Mapping[str, str]:
    """The environment in which they are found. `places`: of connectors, by name."""
    packages = directory / "packages"
    info = packages / PACKAGE
    info.mkdir(parents=True, exist_ok=True)
    (info / "METADATA").write_text(METADATA, "utf-8")
    lines = [f"[{GROUP}]", *(f"{name} = {place}" for name, place in places.items())]
    (info / "entry_points.txt").write_text("\n".join(lines), "utf-8")
    return {**environ, "PYTHONPATH": f"{packages}:{environ['PYTHONPATH']}"}
