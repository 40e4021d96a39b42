"""Makes a connector: guesses, writes its files and plans, and runs the rules over it."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from worker.devkit import cases
from worker.devkit.capture.capture import Capture, distinct
from worker.devkit.conformance import Problem, check_subject
from worker.devkit.conformance.paths import subject_of
from worker.devkit.load import load
from worker.devkit.scaffold.answers import SourceGuess, answers_for, guessed_source
from worker.devkit.scaffold.event_types import by_type
from worker.devkit.scaffold.files import Home, files_of, plan_file
from worker.devkit.scaffold.formatter import installed_ruff, lay_out
from worker.devkit.scaffold.guess import Guesses
from worker.devkit.scaffold.infer import guessed
from worker.errors import ConfigError
from worker.sdk.connector import Connector


@dataclass(frozen=True, slots=True)
class Made:
    """`files`: all that was written, `changed`: those of them that were there before. `seconds`: what the rules took.

    `is_laid_out`: whether there was a formatter. `left_out`: requests that are no case, for what is read for them was not recorded.
    """

    connector: Connector
    guesses: Guesses
    files: Sequence[Path]
    changed: Sequence[Path]
    problems: Sequence[Problem]
    cases: int
    seconds: float
    is_laid_out: bool
    left_out: Sequence[str] = ()


def create(
    name: str,
    title: str,
    captures: Sequence[Capture],
    home: Home,
    ruff: Sequence[str] | None = None,
    *,
    secret: str | None = None,
    sent: Sequence[Capture] | None = None,
    answers: Mapping[str, Sequence[Any]] | None = None,
) -> Made:
    """Raises ConfigError before anything is written, if something is in the way. `ruff`: how it is called, if not as it is installed.

    `secret`, `sent`: as `guessed` takes them. `answers`: what the sender's API answered, by kind.
    """
    left_out: dict[str, str] = {}
    different = list(distinct(_different(captures)))
    guesses = guessed(name, different, secret, sent)
    if answers:
        payloads = [part for each in different for part in each.payloads]
        source = guessed_source(name, payloads, answers)
        guesses = replace(guesses, source=source)
        left_out = dict(_unrecorded(source, different, guesses))
        different = [each for each in different if each.name not in left_out]
    files = files_of(name, title, different, guesses, home)
    _nothing_in_the_way(name, home, files)
    changed = [path for path in files if path.exists()]
    with _all_or_nothing(files):
        _write(files)
        is_laid_out = lay_out(files, installed_ruff() if ruff is None else ruff)
        connector = load(home.package, home.root)
        plans = dict(_plans(connector, home))
    _write(plans)
    started = time.perf_counter()
    problems = check_subject(subject_of(connector, home.paths))
    seconds = time.perf_counter() - started
    written = sorted({*files, *plans})
    lines = [f"{case} is no case: {why}" for case, why in left_out.items()]
    return Made(connector, guesses, written, changed, problems, len(plans), seconds, is_laid_out, lines)


def _unrecorded(source: SourceGuess, captures: Sequence[Capture], guesses: Guesses) -> Iterator[tuple[str, str]]:
    """The captures whose answers are not there, and what is missing. Raises ConfigError where a type would have no case."""
    lacking: dict[str, str] = {}
    for capture in captures:
        try:
            answers_for(source, capture.payloads)
        except ConfigError as error:
            lacking[capture.name] = str(error)
    kept = by_type([each for each in captures if each.name not in lacking], guesses.event_type)
    for capture in captures:
        for event_type in by_type([capture], guesses.event_type).keys() - kept.keys():
            raise ConfigError(
                f"{event_type} has no case: {lacking[capture.name]}; record it, too, and add it by --answers"
            )
    yield from lacking.items()


@contextmanager
def _all_or_nothing(files: Mapping[Path, str]) -> Iterator[None]:
    """Restores the files if the connector can't be loaded: no command of the relay would start with it."""
    before = {path: path.read_bytes() if path.exists() else None for path in files}
    try:
        yield
    except BaseException:
        for path, content in before.items():
            if content is None:
                path.unlink(missing_ok=True)
            else:
                path.write_bytes(content)
        raise


def _write(files: Mapping[Path, str]) -> None:
    for path, text in files.items():
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, "utf-8")


def _different(captures: Sequence[Capture]) -> Sequence[Capture]:
    """Leaves out bodies that were sent again: one case of an event is enough."""
    return [
        each for number, each in enumerate(captures) if each.body not in [other.body for other in captures[:number]]
    ]


def _nothing_in_the_way(name: str, home: Home, files: Mapping[Path, str]) -> None:
    """Only the lists of connectors are changed; everything else must be new."""
    existing = next(
        (path for path in (home.folder, *files) if path.exists() and path not in (home.registry, home.index)), None
    )
    if existing is not None:
        raise ConfigError(
            f"{existing} is in the way of a new connector {name}: remove it, or choose another name or directory"
        )


def _plans(connector: Connector, home: Home) -> Iterator[tuple[Path, str]]:
    for filed in subject_of(connector, home.paths).cases:
        yield filed.plan_file or plan_file(home, filed.name), cases.text(cases.outcomes(connector, filed.case))
