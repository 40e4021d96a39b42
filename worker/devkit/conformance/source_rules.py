"""Checks what a connector declares of its sender's API, and what its cases recorded of it."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

from worker.devkit.conformance.mutations import JUNK
from worker.devkit.conformance.problem import Problem
from worker.devkit.conformance.secret_words import carried
from worker.devkit.conformance.subject import Filed, Rejection, Subject
from worker.devkit.recorded import NotRead, NotRecorded, Step, steps
from worker.errors import NotAsDeclared, did_you_mean
from worker.sdk.connector import Handles
from worker.sdk.masked import masked
from worker.sdk.route import rule_for
from worker.sdk.settings import describe
from worker.sdk.source import Absent, Answered, Changes, Get, Kind, Numbered, Occurred, Offset, Verdict

STATUSES = (200, 204, 301, 400, 401, 403, 404, 410, 418, 429, 500, 503)
NAMES = re.compile(r"\{(\w*)\}")


def what_is_fetched_is_declared(subject: Subject) -> Iterator[Problem]:
    """A kind, with a path of one thing."""
    kinds = subject.connector.source.kinds if subject.connector.source else {}
    for event_type, get in _gets(subject):
        if not subject.connector.source:
            what = f"fetches {get.kind}, and the connector declares no source"
            yield Problem(
                event_type, what, "declare `source=Source(…)`: where the sender's API is and how it is signed"
            )
        elif get.kind not in kinds:
            what = f"fetches {get.kind}, and the source has no such kind"
            yield Problem(event_type, what, did_you_mean(get.kind, kinds))
        elif kinds[get.kind].get is None:
            what = f"fetches {get.kind}, whose kind has no path of one thing"
            yield Problem(event_type, what, f"Kind(…, get='/{get.kind}s/{{id}}')")
    for event_type, rule in subject.connector.handles.items():
        names = [get.called for get in rule.fetch]
        for name in sorted({each for each in names if names.count(each) > 1}):
            yield Problem(event_type, f"reads two things as {name}", "give one another name: Get(…, name='…')")


def source_is_where_it_may_be_read(subject: Subject) -> Iterator[Problem]:
    """Over https, at declared hosts, by paths that say where what goes."""
    source = subject.connector.source
    if source is None:
        return
    settings = {each.name for each in describe(subject.connector.settings)} | _computed(subject.connector.settings)
    # Where a setting is the whole address, it has to be one over https when the connection is set up (`where.root`).
    if not source.url.startswith(("https://", "{")):
        yield Problem(
            "source url", f"{source.url} is not read over https", "write https://; for trying there is `source_url`"
        )
    for name in (each for each in NAMES.findall(source.url) if each not in settings):
        yield Problem("source url", f"{{{name}}} is no setting", did_you_mean(name, settings))
    for host in (each for each in source.hosts if "/" in each or not each):
        yield Problem("source hosts", f"{host!r} is no host", "write the name alone: files.example.com")
    for name, kind in source.kinds.items():
        yield from _paths(name, kind, settings)


def _paths(name: str, kind: Kind, settings: set[str]) -> Iterator[Problem]:
    if kind.get is not None:
        yield from _path(f"{name} get", kind.get, {"id"}, settings)
    if kind.changes is not None:
        yield from _list(name, kind.changes, settings)


def _list(name: str, changes: Changes, settings: set[str]) -> Iterator[Problem]:
    pages = {Numbered: {"page"}, Offset: {"offset"}}.get(type(changes.pages), set())
    if changes.path is not None:
        yield from _path(f"{name} changes", changes.path, {"since"} | pages, settings)
    elif changes.everything is None:
        yield Problem(f"{name} changes", "it has no path", "path='/…?since={since}', or everything='/…'")
    if changes.everything is not None:
        yield from _path(f"{name} changes everything", changes.everything, pages, settings)
    for field, setting in changes.adds.items():
        if setting not in settings:
            what = f"adds {field}: {setting} is no setting"
            yield Problem(f"{name} changes", what, did_you_mean(setting, settings))


def _path(where: str, path: str, needed: set[str], settings: set[str]) -> Iterator[Problem]:
    if not path.startswith("/"):
        yield Problem(where, f"{path} is no path below the source's url", f"write /{path.lstrip('/')}")
    named = set(NAMES.findall(path))
    for name in sorted(needed - named):
        yield Problem(where, f"{path} doesn't say where {{{name}}} goes", f"put {{{name}}} into it")
    for name in sorted(named - needed - settings - {"size"}):
        yield Problem(where, f"{{{name}}} is filled by nothing", did_you_mean(name, needed | settings))


def every_reading_is_recorded(subject: Subject) -> Iterator[Problem]:
    """Each thing that a rule fetches has an answer in a case, and each recorded answer is asked for."""
    read: set[tuple[str, str]] = set()
    for filed in subject.cases:
        asked: set[str] = set()
        for rule, found in _steps(filed):
            try:
                for step in found:
                    if not _unread(step):
                        read.add((rule, step.get.called))
                    asked |= {step.get.called, f"{step.get.called}.{step.thing}"}
            except NotRecorded as error:
                mend = f"put the API's answer, as it came, into the case's {error.file}"
                yield Problem(filed.name, str(error), mend)
            except NotRead as error:
                asked |= set(filed.case.answers)
                read |= (
                    {(rule, get.called) for get in subject.connector.handles[rule].fetch}
                    if error.what == "early"
                    else set()
                )
        for name in sorted(set(filed.case.answers) - asked):
            yield Problem(
                f"{filed.name}, read/{name}.json", "nothing asks for it", "call it as `Get.called` says, or remove it"
            )
    for event_type, get in _gets(subject):
        if not get.optional and (event_type, get.called) not in read:
            what = f"no case has a reading of {get.called}"
            yield Problem(event_type, what, f"add read/{get.called}.json, the API's answer, to a case of this type")


def recorded_answers_are_as_declared(subject: Subject) -> Iterator[Problem]:
    """The kind's schema loads each, and `at` leads to the thing."""
    for filed in subject.cases:
        for _, event in filed.events:
            found = filed.usual(event) if event.read else None
            if isinstance(found, Rejection) and found.kind is NotAsDeclared:
                mend = "correct the kind's schema or its `at`: require only what the mapping can't do without"
                yield Problem(filed.name, found.line, mend)


def what_answers_mean_is_always_told(subject: Subject) -> Iterator[Problem]:
    """`early`, `means` and `Changes.event` are given what a sender may say one day, and must not raise."""
    source = subject.connector.source
    for name, kind in source.kinds.items() if source else ():
        for junk in (*JUNK, *_bodies(subject, name)):
            asked: list[tuple[str, Callable[[], Any], Any]] = []
            if kind.early:
                asked.append(("early", partial(kind.early, junk), str))
            if kind.means:
                answers = [Answered(status=status, headers={}, json=junk) for status in STATUSES]
                asked += [("means", partial(kind.means, answer), Verdict) for answer in answers]
            if kind.changes:
                asked.append(("changes.event", partial(kind.changes.event, junk), Occurred))
            problem = next(filter(None, (_partial(f"{name} {what}", ask, of, junk) for what, ask, of in asked)), None)
            if problem:
                yield problem
                break


def _partial(where: str, ask: Callable[[], Any], of: type[Any], junk: Any) -> Problem | None:
    try:
        answer = ask()
    except Exception as error:  # noqa: BLE001 - whatever it raises is the finding
        what = f"raises {type(error).__name__}: {error} at {junk!r:.40}"
        return Problem(
            where, what, "answer None for what it doesn't know: `body.get('x')` only after `isinstance(body, dict)`"
        )
    if answer is None or isinstance(answer, of):
        return None
    return Problem(
        where, f"answers {type(answer).__name__} instead of {of.__name__} or None", f"answer {of.__name__} or None"
    )


def changes_are_events_that_are_known(subject: Subject) -> Iterator[Problem]:
    """What a listed item stands for is handled, or ignored by a named rule; its payload tells id, subject and time."""
    source = subject.connector.source
    for name, kind in source.kinds.items() if source else ():
        for body in _bodies(subject, name) if kind.changes and kind.changes.whole else ():
            occurred = _occurred(kind.changes, body)
            if occurred is not None and rule_for(subject.connector, occurred.type) is None:
                what = f"stands for {occurred.type}, which is neither handled nor ignored"
                yield Problem(f"{name} changes.event", what, did_you_mean(occurred.type, subject.connector.handles))


def _occurred(changes: Changes | None, body: Any) -> Occurred | None:
    try:
        return changes.event(body) if changes else None
    except Exception:  # noqa: BLE001 - the rule before this one tells
        return None


def unproved_events_are_fetched(subject: Subject) -> Iterator[Problem]:
    """Where a webhook proves nothing, only what is read counts."""
    connector = subject.connector
    for event_type, rule in connector.handles.items() if connector.unverified else ():
        if not rule.fetch:
            what = "the connector is `unverified`, and this type is mapped from what anybody can post"
            yield Problem(event_type, what, "give the rule a `fetch`, and map `event.read`")


def secrets_of_readings_are_masked(subject: Subject) -> Iterator[Problem]:
    """What was read is stored for weeks, as requests are."""
    source = subject.connector.source
    for name, kind in source.kinds.items() if source else ():
        for raw in _raw_bodies(subject, name):
            for path in carried(masked(raw, kind.secret_fields, lambda _: "***"), [raw]):
                what = f"{path} looks like a secret, and would be stored as it is"
                yield Problem(f"{name} secret_fields", what, f"secret_fields=({path.rpartition('.')[2]!r},)")
        bodies = _raw_bodies(subject, name)
        for field in kind.secret_fields if bodies else ():
            if all(masked(raw, [field], lambda _: "\0") == raw for raw in bodies):
                yield Problem(
                    f"{name} secret_fields",
                    f"{field} is in none of the recorded answers",
                    "correct the path, or take it out",
                )


def _computed(settings: type[Any]) -> set[str]:
    """What settings are made into: properties of their class."""
    return {name for name, value in vars(settings).items() if isinstance(value, property)}


def _unread(step: Step) -> bool:
    return isinstance(step.body, Absent) and step.body.what == "unread"


def _gets(subject: Subject) -> Iterator[tuple[str, Get]]:
    for event_type, rule in subject.connector.handles.items():
        for get in rule.fetch:
            yield event_type, get


def _steps(filed: Filed) -> Iterator[tuple[str, Iterator[Step]]]:
    """By type: what is read for each event of a case. Going through it raises NotRecorded, NotRead."""
    for reading, part in zip(filed.readings, filed.parts, strict=True):
        rule = rule_for(filed.connector, reading.type)
        if isinstance(rule, Handles) and not reading.problem:
            yield reading.type, steps(filed.connector, rule, part, filed.case.answers, {})


def _bodies(subject: Subject, kind: str) -> list[Any]:
    """Things of a kind, as they were read in cases."""
    found = []
    for filed in subject.cases:
        for rule, event in filed.events:
            found += [event.read[get.called] for get in rule.fetch if get.kind == kind and get.called in event.read]
    return found


def _raw_bodies(subject: Subject, kind: str) -> list[Any]:
    """The recorded answers of a kind, before anything is masked."""
    found = []
    for filed in subject.cases:
        for event_type, get in _gets(subject):
            if get.kind == kind and any(reading.type == event_type for reading in filed.readings):
                found += [
                    answer.body for name, answer in filed.case.answers.items() if name.partition(".")[0] == get.called
                ]
    return found
