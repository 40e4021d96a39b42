"""Stands in for a sender's API, made from its connector's declaration and recorded answers."""

from __future__ import annotations

from worker.devkit.neighbour.faults import (
    Fault,
    failing,
    forbidden,
    gone,
    huge,
    lacking,
    never,
    not_json,
    redirecting,
    slow,
    throttled,
)
from worker.devkit.neighbour.grants import Grants
from worker.devkit.neighbour.neighbour import Asked, Neighbour
from worker.devkit.neighbour.recorded import neighbour_of
from worker.devkit.neighbour.serving import served

__all__ = [
    "Asked",
    "Fault",
    "Grants",
    "Neighbour",
    "failing",
    "forbidden",
    "gone",
    "huge",
    "lacking",
    "neighbour_of",
    "never",
    "not_json",
    "redirecting",
    "served",
    "slow",
    "throttled",
]
