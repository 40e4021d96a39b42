"""Checks that ids, types and subjects are stable, distinct and always there."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta

from worker.devkit.conformance.problem import Problem
from worker.devkit.conformance.secrets import NOW, usable_pair
from worker.devkit.conformance.subject import Subject
from worker.errors import Rejected
from worker.plan import Ignored
from worker.sdk.connector import Event
from worker.sdk.read import read
from worker.sdk.request import Request
from worker.sdk.route import NO_RULE, plan_event, rule_for

OTHER_JSON = (b"{}", b"null", b"5", b'"\\ud800"', b"[]", b'{"id": null}', b'{"data": [1], "form_response": 1}')
OTHER_FORMS = (b"", b"a", b"=", b"a=1&a=2", b"id=&type=")


def id_stays_the_same_when_sent_again(subject: Subject) -> Iterator[Problem]:
    """Senders send again for days, and sign anew each time."""
    connector = subject.connector
    for filed in subject.cases:
        secret, _ = usable_pair(connector.signature, filed.case.request)
        first, again = (
            read(connector, connector.signature.sign(filed.case.request, secret, now))
            for now in (NOW, NOW + timedelta(hours=3))
        )
        if [each.id for each in first] != [each.id for each in again]:
            what = f"sent again three hours later its id is another: {first[0].id} and {again[0].id}"
            yield Problem(filed.name, what, "take event_id from what the sender repeats; not from a time of sending")


def different_events_have_different_ids(subject: Subject) -> Iterator[Problem]:
    ids = Counter(reading.id for filed in subject.cases for reading in filed.readings)
    for repeated in (each for each, count in ids.items() if count > 1):
        cases = [filed.name for filed in subject.cases if any(each.id == repeated for each in filed.readings)]
        what = f"several events have the id {repeated}; all but the first would be taken for repetitions"
        mend = "add to event_id what tells them apart, as in joined(':', event_type, …); or it is the same request twice: remove one of the cases"
        yield Problem(", ".join(cases), what, mend)


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
    for body in OTHER_FORMS if connector.body == "form" else OTHER_JSON:
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
