"""Events cost no more calls than they must, counted by the sandbox."""

from __future__ import annotations

import subprocess
import sys


def test_a_change_costs_one_write_and_a_new_thing_one_search() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "bench.calls", "--events", "150"], capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stderr) == (0, ""), done.stdout
