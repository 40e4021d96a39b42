"""Checks that ids, types and subjects are stable, distinct and always there."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Any

from worker.devkit.conformance.problem import Problem
from worker.devkit.conformance.secrets import NOW, usable_pair
from worker.devkit.conformance.subject import Subject
from worker.errors import Rejected
from worker.plan import Ignored
from worker.sdk.connector import BodyKind, Event, Incoming
from worker.sdk.read import read
from worker.sdk.request import Request
from worker.sdk.route import NO_RULE, plan_event, rule_for

OTHER_JSON = (b"{}", b"null", b"5", b'"\\ud800"', b"[]", b'{"id": null}', b'{"data": [1], "form_response": 1}')
OTHER_FORMS = (b"", b"a", b"=", b"a=1&a=2", b"id=&type=")
OTHER: Mapping[BodyKind, Sequence[bytes]] = {
    "json": OTHER_JSON,
    "form": OTHER_FORMS,
    "multipart": (b'--b\r\nContent-Disposition: form-data; name="id"\r\n\r\n\r\n--b--\r\n',),
    "xml": (b"<a/>", b"<data><id/></data>"),
}
A_WORD = re.compile(r"[^\W\d]{1,20}")


def id_stays_the_same_when_sent_again(subject: Subject) -> Iterator[Problem]:
    """Senders send again for days, and sign anew each time."""
    connector = subject.connector
    for filed in subject.posted:
        secret, _ = usable_pair(connector.signature, filed.case.request)
        first, again = (
            read(connector, connector.signature.sign(filed.case.request, secret, now))
            for now in (NOW, NOW + timedelta(hours=3))
        )
        if [each.id for each in first] != [each.id for each in again]:
            what = f"sent again three hours later its id is another: {first[0].id} and {again[0].id}"
            yield Problem(filed.name, what, "take event_id from what the sender repeats; not from a time of sending")


def different_events_have_different_ids(subject: Subject) -> Iterator[Problem]:
    """The same event may be in two cases: then its type, subject, time and plan are the same."""
    told: dict[str, list[tuple[str, object]]] = {}
    for filed in subject.posted:
        for reading, outcome in zip(filed.readings, filed.outcomes, strict=True):
            told.setdefault(reading.id, []).append((filed.name, outcome))
    for repeated, found in told.items():
        if any(outcome != found[0][1] for _, outcome in found):
            cases = ", ".join(dict.fromkeys(name for name, _ in found))
            what = f"several events have the id {repeated}; all but the first would be taken for repetitions"
            mend = "add to event_id what tells them apart, as in joined(':', event_type, …)"
            yield Problem(cases, what, mend)


def id_is_not_the_same_for_every_event(subject: Subject) -> Iterator[Problem]:
    """Two requests show it. Of one, a word without a number is none."""
    ids = [
        (filed.name, reading.id)
        for filed in subject.posted
        for reading in filed.readings
        if "id" not in reading.missing
    ]
    if len(ids) == 1 and A_WORD.fullmatch(ids[0][1]):
        what = f"its id is {ids[0][1]!r}, a word that may be the same in every event: one case can't tell"
        yield Problem(ids[0][0], what, "add a second captured request, or take event_id from what differs")
    for filed in subject.posted:
        for reading, part in zip(filed.readings, filed.parts, strict=True):
            handled = reading.type in subject.connector.handles
            if handled and "id" not in reading.missing and _is_constant(subject, part):
                what = f"whatever the request says, its id is {reading.id!r}: every later event would be a repetition"
                yield Problem(f"{filed.name}, event_id", what, "take event_id from what differs from event to event")
                return


def _is_constant(subject: Subject, part: Incoming) -> bool:
    """Whether the id stays when every value of the request is another."""
    request = replace(part.request, headers=tuple((name, f"{value}~") for name, value in part.request.headers))
    other = replace(part, request=request, payload=_otherwise(part.payload))
    try:
        return subject.connector.event_id(other) == subject.connector.event_id(part)
    except Exception:  # noqa: BLE001 - it looks at the values, then
        return False


def _otherwise(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _otherwise(part) for name, part in value.items()}
    if isinstance(value, list):
        return [_otherwise(part) for part in value]
    return (
        value
        if value is None or isinstance(value, bool)
        else value + 1
        if isinstance(value, int | float)
        else f"{value}~"
    )


def time_of_a_sample_can_be_read(subject: Subject) -> Iterator[Problem]:
    """A sender may leave the time out. A time that is there and can't be one is taken from the wrong place."""
    for filed in subject.samples:
        for note in {each.note for each in filed.readings if each.note}:
            yield Problem(
                filed.name, note, "correct the place that `time` takes it from, or turn it into ISO 8601 text"
            )


def unknown_type_falls_under_no_rule(subject: Subject) -> Iterator[Problem]:
    event = Event(id="1", type="å/unheard.of", subject="x", time=NOW, payload={}, connection="c")
    rule = rule_for(subject.connector, event.type)
    if rule is not None or not _is_unknown(subject, event):
        what = f"a type nobody has heard of falls under {rule.rule if isinstance(rule, Ignored) else 'a rule'}"
        yield Problem("ignores", what, "make the patterns narrower, so that a new type is seen as such")


def _is_unknown(subject: Subject, event: Event) -> bool:
    try:
        return plan_event(subject.connector, None, event) == NO_RULE
    except Rejected:
        return subject.connector.unknown_types == "dead"


def every_handled_type_has_a_case_with_a_plan(subject: Subject) -> Iterator[Problem]:
    done = {event.type for filed, _, event in subject.mapped() if isinstance(filed.usual(event), tuple)}
    for missing in sorted(set(subject.connector.handles) - done):
        what = "no case of this type ends in a plan"
        yield Problem(missing, what, "capture one and add it: relay connectors accept NAME --from captured.json")


def no_ignored_pattern_hides_a_handled_type(subject: Subject) -> Iterator[Problem]:
    """A handled type is never ignored. A pattern that matches one is a slip."""
    ignoring = replace(subject.connector, handles={})
    for handled in subject.connector.handles:
        if isinstance(rule := rule_for(ignoring, handled), Ignored):
            yield Problem(handled, f"handled, and {rule.rule} too", "make the pattern narrower")


def other_body_says_what_is_missing(subject: Subject) -> Iterator[Problem]:
    """A well-formed body of another sender is kept as a dead letter that says what it lacks."""
    connector = subject.connector
    for body in OTHER[connector.body]:
        request = Request("POST", "https://relay.example/webhooks/x", (), body)
        for reading in read(connector, request):
            if not reading.problem:
                what = f"the body {body[:30]!r} without headers makes a {reading.type} event with the id {reading.id}"
                yield Problem("event_id", what, "take id or type from what only this sender's requests hold")
            if not (reading.id and reading.subject):
                yield Problem("event_id", f"the body {body[:30]!r} makes an event without id or subject", "name one")


def accepted_status_is_a_success(subject: Subject) -> Iterator[Problem]:
    status = subject.connector.accepted_status
    if not 200 <= status < 300:
        yield Problem("accepted_status", f"{status} would make the sender send again", "answer with a 2xx")
