"""Puts Valkey's files back as they were some time before."""

from __future__ import annotations

import shutil
import signal
from dataclasses import dataclass
from pathlib import Path

from tests.chaos.supervision import Supervision

VALKEY = "valkey"


@dataclass(frozen=True, slots=True)
class Snapshot:
    """One run's; the newest that was taken."""

    directory: Path
    supervision: Supervision

    def save(self) -> None:
        """While the server stands still, its files are of one moment."""
        valkey = self.supervision[VALKEY]
        valkey.send(signal.SIGSTOP)
        try:
            shutil.copytree(self._held, self._saved, dirs_exist_ok=True)
        finally:
            valkey.send(signal.SIGCONT)

    def restore(self) -> None:
        with self.supervision.down(VALKEY):
            shutil.rmtree(self._held)
            shutil.copytree(self._saved, self._held)

    @property
    def _held(self) -> Path:
        return self.directory / VALKEY / "appendonlydir"

    @property
    def _saved(self) -> Path:
        return self.directory / "valkey-saved"
