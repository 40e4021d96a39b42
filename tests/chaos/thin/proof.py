"""Says what may not have happened at the thin sender, whatever was killed."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path

from tests.chaos.thin.api import Api

OF_A_KILL = 8
"""So many things that were read may be lost with a process, and are read once more: one for each of its threads, and what it repeats."""


def too_much(api: Api, events: int, ends: int) -> Iterator[str]:
    """`events`: that need something read, each two things at most. `ends`: how often a worker was killed or frozen."""
    reads = api.reads()
    bound = 2 * events + OF_A_KILL * ends
    if reads["get", 200] > bound:
        yield f"{reads['get', 200]} things were read for {events} events: {bound} are enough"
    if api.grants.most > 1:
        yield f"{api.grants.most} processes asked for a new token at the same time"
    if api.grants.refused > ends:
        yield f"{api.grants.refused} refresh tokens were used twice, and {ends} processes ended"


def leaks(directory: Path, secrets: Iterable[str]) -> Iterator[str]:
    """Files in which a token stands."""
    marks = [secret.encode() for secret in secrets]
    for file in sorted(directory.rglob("*")):
        if file.is_file() and not file.is_symlink():
            try:
                content = file.read_bytes()
            except OSError:
                continue
            if any(mark in content for mark in marks):
                yield f"a token stands in {file.relative_to(directory)}"
