"""In which order samples are sent: those about one thing one after another, as their sender would, the others side by side."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TypeAlias

from worker.casebook import Case, event_of
from worker.local.trial import Trial
from worker.reading import read

Subject: TypeAlias = tuple[str, str]
"""A connection, and what its events are about."""


@dataclass(frozen=True, slots=True)
class Letter:
    """A sample on its way to a connection."""

    trial: Trial
    case: Case
    subjects: frozenset[Subject]
    time: datetime


def letters(found: Sequence[Trial]) -> list[Letter]:
    """In the order in which it all happened."""
    return sorted((_letter(trial, case) for trial in found for case in trial.cases), key=lambda letter: letter.time)


def ready(waiting: Sequence[Letter], busy: Collection[Subject]) -> list[Letter]:
    """Those that come after nothing: events that wait together fold into one, and what is wrong with the first would not show."""
    taken, found = set(busy), []
    for letter in waiting:
        if not letter.subjects & taken:
            found.append(letter)
        taken |= letter.subjects
    return found


def _letter(trial: Trial, case: Case) -> Letter:
    events = [event_of(reading, case) for reading in read(trial.connector, case.request)]
    subjects = frozenset((trial.connection, event.subject) for event in events)
    return Letter(trial, case, subjects, min((event.time for event in events), default=case.now))
