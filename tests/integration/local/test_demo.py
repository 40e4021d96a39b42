"""`relay demo --once`: from nothing to records in Upsales, through every process."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from worker.connectors import all_connectors
from worker.local.ports import free_port
from worker.local.samples import samples_of
from worker.reading import read


def test_every_sample_of_every_connector_gets_through(tmp_path: Path) -> None:
    environ = {
        "PATH": os.environ["PATH"],
        "PORT": str(free_port()),
        "FLOWER_PORT": str(free_port()),
        "RELAY_SANDBOX_PORT": str(free_port()),
    }
    done = subprocess.run(
        [sys.executable, "-m", "worker.cli", "demo", "--once"],
        cwd=tmp_path,
        env=environ,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, ""), done.stdout
    samples = ((each, case) for each in all_connectors() for case in samples_of(each).values())
    count = sum(len(read(each, case.request)) for each, case in samples)
    assert count > 0
    assert f"{count} events sent" in done.stdout
    assert "account 1 " in done.stdout
