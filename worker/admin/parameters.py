"""Reads the parameters of a list: what is not understood is said, never left out."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterable, Mapping
from typing import Final, TypeAlias

from worker.admin import filters
from worker.admin.filters import Fault, InvalidParameters
from worker.errors import did_you_mean

Check: TypeAlias = Callable[[str], str | None]
"""What is wrong with a value; None for nothing."""

LONGEST: Final = 255
MOST: Final = 50
SINGLE: Final = frozenset({"since", "until"})


def parse(
    pairs: Iterable[tuple[str, str]], checks: Mapping[str, Check], *, also: Collection[str] = ()
) -> Mapping[str, tuple[str, ...]]:
    """The values by name; several of one name mean any of them. `also`: names that mean something else to whoever asks. Raises InvalidParameters."""
    faults: list[Fault] = []
    given: dict[str, tuple[str, ...]] = {}
    for name, value in pairs:
        if name in also:
            continue
        fault = _fault(name, value, given.get(name, ()), checks, also)
        if fault:
            faults.append(Fault(name, fault))
        elif value not in given.get(name, ()):
            given[name] = (*given.get(name, ()), value)
    if faults:
        raise InvalidParameters(faults)
    return given


def _fault(
    name: str, value: str, before: Collection[str], checks: Mapping[str, Check], also: Collection[str]
) -> str | None:
    if name not in checks:
        return f"no such filter; {did_you_mean(name, (*checks, *also))}"
    if not value:
        return "is empty; leave it out"
    if len(value) > LONGEST or not filters.can_be_stored(value):
        return f"at most {LONGEST} characters, and no NUL"
    if before and (name in SINGLE or len(before) >= MOST):
        return "is given twice" if name in SINGLE else f"at most {MOST} of them"
    return checks[name](value)


def anything(_value: str) -> str | None:
    return None


def time(value: str) -> str | None:
    """In the grammar of events."""
    try:
        filters.parse([("since", value)])
    except InvalidParameters as error:
        return error.faults[0].detail
    return None


def one_of(what: str, choices: Collection[str]) -> Check:
    return lambda value: None if value in choices else f"{value!r} is no {what}; {did_you_mean(value, choices)}"


def of_form(pattern: str, told: str) -> Check:
    return lambda value: None if re.fullmatch(pattern, value) else told
