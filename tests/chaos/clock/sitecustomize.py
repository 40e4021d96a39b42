"""Makes Python's `time` go by the file that CHAOS_CLOCK names; Python imports this module when it starts."""

from __future__ import annotations

import mmap
import os
import time
from pathlib import Path


def follow(file: str) -> None:
    with Path(file).open("rb") as opened:
        ahead = mmap.mmap(opened.fileno(), 8, access=mmap.ACCESS_READ)
    real = time.time_ns

    def time_ns() -> int:
        return real() + int.from_bytes(ahead[:8], "little", signed=True)

    vars(time).update(time_ns=time_ns, time=lambda: time_ns() / 1e9)


if named := os.environ.get("CHAOS_CLOCK"):
    follow(named)
