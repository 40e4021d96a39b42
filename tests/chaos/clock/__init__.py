"""Sets back the clock of the processes under test, which read it through `sitecustomize` of this folder."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

FOLDER = Path(__file__).resolve().parent
FILE = "CHAOS_CLOCK"
SIZE = 8


class Clock:
    """One run's. A file holds by how many nanoseconds the clock is ahead."""

    def __init__(self, directory: Path) -> None:
        self._file = directory / "clock"
        self._ahead = 0
        if not self._file.exists():
            self._write()

    def environ(self, environ: Mapping[str, str]) -> Mapping[str, str]:
        """For a process that is to go by this clock."""
        return {**environ, "PYTHONPATH": f"{FOLDER}:{environ['PYTHONPATH']}", FILE: str(self._file)}

    def set_back(self, seconds: float) -> None:
        self._ahead -= round(seconds * 1e9)
        self._write()

    def _write(self) -> None:
        # In place: every process has the file mapped.
        with self._file.open("r+b" if self._file.exists() else "xb") as opened:
            opened.write(self._ahead.to_bytes(SIZE, "little", signed=True))
