"""`python -m tests.mutants`: breaks a sample of places, and prints how many breaks the tests noticed, and which they did not."""

from __future__ import annotations

import argparse
import os
import random
import sys
import tempfile
from collections import Counter, defaultdict
from itertools import zip_longest
from pathlib import Path

import pytest

from tests.mutants.generate import generate, shown
from tests.mutants.session import Fate, Session
from tests.mutants.targets import ROOT, TESTS, targets

PYTEST = ["-o", "addopts=", "-p", "no:cacheprovider", "-p", "no:terminal", "-p", "no:xdist", "-k", "not postgresql"]


def main() -> int:
    asked = _asked()
    os.chdir(ROOT)
    files = targets(tuple(asked.files))
    every = generate(files)
    owner = {mutant: file for file, mutants in every.items() for mutant in mutants}
    sample = _in_turn([_sample(every[file], asked.each, asked.seed) for file in files])
    fates: dict[Path, Counter[Fate]] = defaultdict(Counter)
    output = os.fdopen(os.dup(1), "w", encoding="utf-8")

    def tell(mutant: str, fate: Fate) -> None:
        fates[owner[mutant]][fate] += 1
        if fate not in ("killed", "stuck"):
            print(f"{fate}: {mutant}\n{shown(owner[mutant], mutant)}\n", file=output, flush=True)

    with tempfile.TemporaryDirectory(prefix="relay-mutants-") as scratch:
        tempfile.tempdir = scratch
        session = Session(asked.mutants or sample, asked.seconds, asked.minutes * 60, tell)
        code = pytest.main([*PYTEST, *asked.tests], plugins=[session])
    if code != pytest.ExitCode.OK:
        print("\n".join(session.failed), file=output)
        return int(code)
    print("| file | mutants | tried | noticed | not noticed |\n|---|---|---|---|---|", file=output)
    for file, counts in fates.items():
        noticed = counts["killed"] + counts["stuck"]
        row = (len(every[file]), counts.total(), noticed, counts.total() - noticed)
        print(f"| `{file.relative_to(ROOT)}` |", " | ".join(str(number) for number in row), "|", file=output)
    output.flush()
    return 0


def _asked() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.mutants", description=__doc__)
    parser.add_argument("files", nargs="*", help="only files whose path holds one of these words")
    parser.add_argument("--each", type=int, default=25, help="mutants of each file, drawn by the seed")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--seconds", type=float, default=3.0, help="of processor time, for the tests of one mutant")
    parser.add_argument("--minutes", type=float, default=60.0, help="after which no more mutants are tried")
    parser.add_argument("--tests", nargs="*", default=TESTS, help="these tests only")
    parser.add_argument("--mutants", nargs="*", help="these mutants only, by name")
    return parser.parse_args()


def _sample(mutants: list[str], number: int, seed: int) -> list[str]:
    return random.Random(f"{seed}").sample(mutants, min(number, len(mutants)))


def _in_turn(samples: list[list[str]]) -> list[str]:
    """One of each file, then the next of each: when time runs out, all files have been tried alike."""
    return [mutant for each in zip_longest(*samples) for mutant in each if mutant is not None]


if __name__ == "__main__":
    sys.exit(main())
