"""Checks that each case comes to its plan, and that there are good samples."""

from __future__ import annotations

import json
from collections.abc import Iterator
from difflib import unified_diff
from typing import Any

from worker.devkit import cases
from worker.devkit.conformance.problem import Problem
from worker.devkit.conformance.subject import Filed, Subject
from worker.errors import ConfigError, alike
from worker.sdk.route import NO_RULE
from worker.sdk.settings import describe, load_settings

MOST_SAMPLES = 6
WRONG_OR_NO_SAMPLE = (
    'correct the connector; where the request is meant to end so, take "sample": true out of its request.json'
)


def settings_of_cases_can_be_loaded(subject: Subject) -> Iterator[Problem]:
    """Without its settings, no other rule can judge a case."""
    needed = [each.name for each in describe(subject.connector.settings) if each.required]
    found: dict[tuple[str, str], list[str]] = {}
    for filed in subject.cases:
        where = "/".join(("…", *filed.source.parts[-4:])) if filed.source else filed.name
        for name in (each for each in needed if each not in filed.case.settings):
            found.setdefault((f'"settings" lacks {name}', "add it there"), []).append(where)
        if filed.case.settings.keys() >= set(needed) and (line := _refused(filed)):
            found.setdefault((line, "mend it there"), []).append(where)
    for (what, mend), files in found.items():
        yield Problem("\n  ".join(files), what, mend)


def _refused(filed: Filed) -> str:
    try:
        load_settings(filed.connector.settings, filed.case.settings, '"settings"')
    except ConfigError as error:
        return str(error)
    return ""


def request_comes_to_its_plan(subject: Subject) -> Iterator[Problem]:
    for filed in subject.cases:
        accept = f"if that is right: relay connectors accept {filed.connector.name} {filed.name}"
        if filed.expected is None:
            yield Problem(filed.name, "nothing says what it should come to", accept)
        elif difference := differing(filed):
            yield Problem(filed.name, difference, accept)


def result_is_kept_as_it_is_written(subject: Subject) -> Iterator[Problem]:
    """Then a difference between two outcomes is a difference between two files."""
    for filed in subject.cases:
        if not _is_json(filed.outcomes):
            yield Problem(filed.name, "its plan holds values that JSON can't keep", "use the values of worker/plan.py")


def there_are_samples(subject: Subject) -> Iterator[Problem]:
    """`relay demo` and `relay send` send them."""
    if not 1 <= len(subject.samples) <= MOST_SAMPLES:
        what = f"there are {len(subject.samples)} samples; there should be 1 to {MOST_SAMPLES}"
        yield Problem(subject.connector.name, what, 'write "sample": true into the request.json of a good case')


def every_sample_ends_in_a_plan(subject: Subject) -> Iterator[Problem]:
    for filed in subject.samples:
        for outcome in filed.outcomes:
            if "plan" not in outcome:
                what = next(
                    (str(outcome[each]) for each in ("problem", "rejected", "unread") if each in outcome),
                    "it is a handshake" if "handshake" in outcome else f"ignored: {outcome.get('ignored')}",
                )
                yield Problem(filed.name, what, _mend(filed, outcome))


def _mend(filed: Filed, outcome: dict[str, Any]) -> str:
    near = alike(outcome["type"], filed.connector.handles) if outcome.get("ignored") == NO_RULE.rule else []
    return f"handles has {near[0]}: write {outcome['type']}" if near else WRONG_OR_NO_SAMPLE


def samples_share_their_settings(subject: Subject) -> Iterator[Problem]:
    """One connection of `relay demo` takes all of them."""
    for filed in subject.samples[1:]:
        if filed.case.settings != subject.samples[0].case.settings:
            what = f"its settings are not those of {subject.samples[0].name}"
            yield Problem(filed.name, what, "give all samples the same settings")


def _is_json(document: Any) -> bool:
    try:
        return bool(json.loads(cases.text(document)) == document)
    except TypeError:
        return False


def differing(filed: Filed) -> str:
    """The difference between the expected outcome and the real one; empty if there is none."""
    outcome = filed.outcomes
    if outcome == filed.expected:
        return ""
    if lost := _lost(filed.expected, outcome):
        return lost
    before, after = (_lines(each) for each in (filed.expected, outcome))
    lines = unified_diff(before, after, "expected", "comes to", lineterm="", n=1)
    return "\n".join(("it comes to something else:", *lines))


def _lost(expected: Any, outcomes: list[dict[str, Any]]) -> str:
    """Why there is no plan any more, without all that it held; empty where there is one."""
    had = [each for each in expected if isinstance(each, dict) and "plan" in each] if isinstance(expected, list) else []
    why = [
        f"{each}: {outcome[each]}"
        for outcome in outcomes
        for each in ("problem", "rejected", "unread", "ignored")
        if each in outcome
    ]
    return f"it came to a plan, and comes to none: {'; '.join(why)}" if len(had) == len(why) == len(outcomes) else ""


def _lines(document: Any) -> list[str]:
    return cases.text(document).splitlines()
