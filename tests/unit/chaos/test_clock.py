"""A process that is started with the clock of a run goes by it, also after it was set back."""

from __future__ import annotations

import subprocess
import sys
import time
from pathlib import Path

from tests.chaos.clock import Clock

PRINTED = "import time; print(time.time(), time.time_ns() / 1e9)"


def told(clock: Clock) -> list[float]:
    environ = clock.environ({"PYTHONPATH": ""})
    answered = subprocess.run([sys.executable, "-c", PRINTED], env=environ, capture_output=True, check=True, text=True)
    return [float(each) for each in answered.stdout.split()]


def test_it_tells_the_time_until_it_is_set_back(tmp_path: Path) -> None:
    clock = Clock(tmp_path)
    before = time.time()
    assert all(each >= before for each in told(clock))
    clock.set_back(3600.0)
    clock.set_back(3600.0)
    assert all(each < time.time() - 7000 for each in told(clock))
