"""Reads from Linux how much CPU time processes have used."""

from __future__ import annotations

import os
from pathlib import Path


def cpu_seconds(pid: int) -> float:
    """Of the process and its children; their own rate depends less on what else the machine does."""
    children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    ticks = 0
    for each in (str(pid), *children):
        fields = Path(f"/proc/{each}/stat").read_text().rpartition(")")[2].split()
        ticks += int(fields[11]) + int(fields[12])
    return ticks / os.sysconf("SC_CLK_TCK")


def proportional_set_size(pid: int) -> list[int]:
    """Bytes of the process and of each child: what is its own, and its part of what is shared."""
    children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    return [_pss(int(each)) for each in (str(pid), *children)]


def _pss(pid: int) -> int:
    lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
    return next(int(line.split()[1]) * 1024 for line in lines if line.startswith("Pss:"))
