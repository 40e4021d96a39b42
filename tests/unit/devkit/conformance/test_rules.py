"""Every rule finds what it is there to find."""

from __future__ import annotations

import itertools
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

import pytest
from marshmallow import RAISE, Schema, ValidationError, fields, validates_schema

from schemas.wire import Id, Needs
from tests.unit.devkit import thin
from tests.unit.devkit.conformance import with_io
from worker.devkit.conformance import (
    RULES,
    Subject,
    case_rules,
    check,
    check_subject,
    order_rules,
    payload_rules,
    plan_rules,
    reading_rules,
    signature_rules,
)
from worker.devkit.conformance.paths import packaged, subject_of
from worker.devkit.recorded import Recorded
from worker.devkit.scaffold import template
from worker.devkit.scaffold.template_text import HERE
from worker.plan import Ignored, Key, Match, Plan, Upsert
from worker.sdk.connector import Answer, ByVerifyToken, Event
from worker.sdk.handshakes import echo_header, get_ok
from worker.sdk.mapping import constant, field, read_field
from worker.sdk.request import Request
from worker.sdk.settings import setting
from worker.sdk.signatures import AnyOf, Basic, BodyField, HmacSha256, StandardWebhooks, StaticHeader, UrlToken
from worker.sdk.source import Get, Occurred

GOOD = subject_of(template.connector, packaged(HERE))
BOOKED = "visit.booked"
COUNTER = itertools.count()
NO_VALUE: Any = {"notes": b"\xe5"}


def with_connector(**changes: Any) -> Subject:
    connector = replace(GOOD.connector, **changes)
    return replace(GOOD, connector=connector, cases=[replace(filed, connector=connector) for filed in GOOD.cases])


def with_rule(**changes: Any) -> Subject:
    """Visits handled in another way."""
    rule = replace(GOOD.connector.handles[BOOKED], **changes)
    return with_connector(handles={**GOOD.connector.handles, BOOKED: rule})


def with_plan(plan: Callable[[Event, Any], Any]) -> Subject:
    return with_rule(plan=plan)


def with_upsert(change: Callable[[Upsert], Upsert]) -> Subject:
    """The activity of a visit changed."""

    def plan(event: Event, settings: Any) -> Plan:
        *others, last = template.visit_booked(event, settings)
        return (*others, change(last))

    return with_plan(plan)


def with_case(name: str, **changes: Any) -> Subject:
    return replace(GOOD, cases=[replace(each, **changes) if each.name == name else each for each in GOOD.cases])


def with_page(page: str | None) -> Subject:
    return replace(GOOD, page=page)


@dataclass(frozen=True)
class Gullible:
    """Accepts some of what it should not."""

    accepts: Callable[[Request, Sequence[str]], bool]
    needs_secret: bool = True

    def verify(self, request: Request, secrets: Sequence[str], now: datetime) -> int | None:
        return 0 if self.accepts(request, secrets) else GOOD.connector.signature.verify(request, secrets, now)

    def sign(self, request: Request, secret: str, now: datetime) -> Request:
        return GOOD.connector.signature.sign(request, secret, now)


class OpenHanded(AnyOf):
    """Shows every secret to each of its schemes."""

    def __init__(self) -> None:
        super().__init__((StandardWebhooks(), GOOD.connector.signature))

    def verify(self, request: Request, secrets: Sequence[str], now: datetime) -> int | None:
        return 0 if any(scheme.verify(request, secrets, now) == 0 for scheme in self.schemes) else None


def gullible(accepts: Callable[[Request, Sequence[str]], bool]) -> Subject:
    return with_connector(signature=Gullible(accepts))


def signature_of(request: Request) -> str | None:
    return request.header("X-Exemplar-Signature")


class Strict(template.payloads.VisitBooked):
    class Meta:
        unknown = RAISE


class Loose(Schema):
    """Knows that there is a visit, but not what is in it."""

    visit = fields.Raw()
    customer = fields.Nested(template.payloads.Customer, unknown="exclude")
    event_id = fields.Raw()
    event = fields.Raw()
    created_at = fields.Raw()


class OwnWords(template.payloads.VisitBooked):
    event_id = Id(required=True, error_messages={"required": "Var är numret?"})


def forgetful(event: Event, settings: Any) -> Plan:
    plan = template.visit_booked(event, settings)
    return (*plan[:-1], replace(plan[-1], on_create={**plan[-1].on_create, "notes": str(next(COUNTER))}))


def trusting(event: Event, settings: Any) -> Plan:
    event.payload["visit"]["place"].upper()
    return template.visit_booked(event, settings)


@dataclass(frozen=True, kw_only=True)
class Demanding(template.Settings):
    fallback_product: str = setting(doc="article number of the product that stands in")


@dataclass(frozen=True)
class Wordless:
    owner: str = setting("asa@example.com", doc="")
    fallback_company: str = setting("Ö AB", doc="company")
    activity_type: str | None = setting(None, doc="type")
    phone_region: str = setting("SE", doc="region")


def of_one_time(*, current_payloads: bool = False, moved: str = "visit.moved", **rule: Any) -> Subject:
    """A visit that is booked and moved in one second. What is told last is written, and `rule` says what came last."""

    def last_told(event: Event, settings: Any) -> Plan:
        *others, activity = template.visit_booked(event, settings)
        return (
            *others,
            replace(activity, key=Key("activity", event.subject), set={"notes": event.payload["event_id"]}),
        )

    class Told(template.payloads.VisitBooked):
        event_id = Id(required=True)

    booked = replace(GOOD.connector.handles[BOOKED], schema=Told, plan=last_told)
    handles = {**GOOD.connector.handles, BOOKED: booked}
    handles[moved] = replace(booked, **rule)
    connector = replace(GOOD.connector, handles=handles, current_payloads=current_payloads)
    (first,) = [each for each in GOOD.cases if each.name == "visit_booked"]
    body = json.loads(first.case.request.body) | {"event_id": "e-2", "event": moved}
    request = replace(first.case.request, body=json.dumps(body).encode())
    second = replace(first, name="visit_moved", case=replace(first.case, request=request))
    return replace(GOOD, connector=connector, cases=[replace(each, connector=connector) for each in (first, second)])


OF_ANOTHER = {
    **thin.ANSWERS,
    "contract": Recorded({"data": {**thin.ANSWERS["contract"].body["data"], "id": 78}}),
}
"""Of another contract than the webhook's."""

BROKEN: Mapping[str, Callable[[], Subject]] = {
    "settings_of_cases_can_be_loaded": lambda: with_connector(settings=Demanding),
    "mappings_do_no_io": lambda: with_plan(with_io.booked),
    "resources_are_those_of_upsales": lambda: with_upsert(lambda u: replace(u, key=Key("acount", "1"))),  # type: ignore[arg-type]
    "values_are_those_of_a_plan": lambda: with_upsert(lambda u: replace(u, set={"notes": object()})),  # type: ignore[dict-item]
    "mappings_raise_nothing": lambda: with_plan(misspelt),
    "request_comes_to_its_plan": lambda: with_case("visit_booked", expected=[]),
    "result_is_kept_as_it_is_written": lambda: with_upsert(lambda u: replace(u, set=NO_VALUE)),
    "there_are_samples": lambda: replace(
        GOOD, cases=[replace(each, case=replace(each.case, is_sample=False)) for each in GOOD.cases]
    ),
    "every_sample_ends_in_a_plan": lambda: with_connector(handles={}, ignores=frozenset({"*.*"})),
    "samples_share_their_settings": lambda: with_case(
        "visit_booked", case=replace(GOOD.cases[0].case, settings={"owner": "örjan@example.com"})
    ),
    "signed_request_is_valid": lambda: gullible(lambda *_: True),
    "changed_body_is_refused": lambda: gullible(lambda request, secrets: bool(secrets and not request.body)),
    "other_secrets_are_refused": lambda: gullible(lambda _, secrets: secrets == []),
    "unsigned_request_is_refused": lambda: gullible(lambda request, _: signature_of(request) is None),
    "other_signature_headers_are_refused": lambda: gullible(lambda request, _: signature_of(request) == "sha256="),
    "missing_and_repeated_signature_headers_are_refused": lambda: gullible(
        lambda request, _: sum(name == "x-exemplar-signature" for name, _ in request.headers) > 1
    ),
    "public_key_is_no_secret": lambda: with_connector(signature=OpenHanded()),
    "signature_is_where_the_captured_request_has_it": lambda: with_connector(signature=HmacSha256("X-Exemplar-Sign")),
    "handshakes_never_raise": lambda: thin.thin(handshakes=(stumbling,)),
    "each_handshake_has_a_case": lambda: thin.thin(
        handshakes=(*thin.CONNECTOR.handshakes, echo_header("X-Hook-Secret"))
    ),
    "verify_tokens_are_asked_for": lambda: thin.thin(handshakes=(ByVerifyToken(get_ok()),)),
    "events_are_no_handshakes": lambda: with_connector(handshakes=(get_ok("POST"),)),
    "secrets_in_payloads_are_hidden": lambda: with_body(api_key="hemligt-hemligt"),
    "secret_fields_hit_something": lambda: with_connector(secret_fields=("visit.tokn",)),
    "places_are_there": lambda: with_rule(subject=field("vist.id")),
    "places_can_be_told": lambda: with_rule(subject=lambda _: "visit:4711"),
    "id_stays_the_same_when_sent_again": lambda: with_connector(event_id=lambda _: str(next(COUNTER))),
    "different_events_have_different_ids": lambda: with_connector(event_id=field("event")),
    "id_is_not_the_same_for_every_event": lambda: with_connector(event_id=constant("page")),
    "time_of_a_sample_can_be_read": lambda: with_rule(time=field("event")),
    "unknown_type_falls_under_no_rule": lambda: with_connector(ignores=frozenset({"*"})),
    "every_handled_type_has_a_case_with_a_plan": lambda: with_connector(
        handles={**GOOD.connector.handles, "visit.cancelled": GOOD.connector.handles[BOOKED]}
    ),
    "no_ignored_pattern_hides_a_handled_type": lambda: with_connector(ignores=frozenset({"visit.*"})),
    "other_body_says_what_is_missing": lambda: with_connector(event_id=constant("1"), event_type=constant("besök")),
    "accepted_status_is_a_success": lambda: with_connector(accepted_status=302),
    "unknown_fields_change_nothing": lambda: with_rule(schema=Strict),
    "missing_required_field_is_named": lambda: with_rule(schema=OwnWords),
    "null_in_an_optional_field_is_fine": lambda: with_plan(needs_notes),
    "planning_is_pure": lambda: with_plan(forgetful),
    "no_valid_payload_makes_a_mapping_raise": lambda: with_rule(schema=Loose, plan=trusting),
    "writes_are_what_the_plans_do": lambda: with_connector(writes={"order": frozenset({"create"})}),
    "plans_hold_what_upsales_keeps": lambda: with_upsert(lambda u: replace(u, set={"description": "å" * 101})),
    "plans_leave_the_marker_alone": lambda: with_upsert(lambda u: replace(u, set={"custom.EXTERNAL_ID": "Ö-1"})),
    "a_sample_can_make_each_record": lambda: with_upsert(lambda u: replace(u, on_create={"notes": "å"})),
    "keys_and_matches_fit_into_the_ledger": lambda: with_upsert(lambda u: replace(u, match=(Match("name", ""),))),
    "links_lead_somewhere": lambda: with_upsert(lambda u: replace(u, set={"opportunity": Key("order", "Ö-1")})),
    "each_thing_has_a_key_of_its_own": lambda: of_number(1),
    "what_is_fetched_is_declared": lambda: thin.with_rule(fetch=(Get("contrat", id=field("contract.id")),)),
    "source_is_where_it_may_be_read": lambda: thin.with_kind(get="contracts"),
    "every_reading_is_recorded": lambda: thin.thin({"contract": thin.ANSWERS["contract"]}),
    "recorded_answers_are_as_declared": lambda: thin.with_kind(at=""),
    "what_answers_mean_is_always_told": lambda: thin.with_kind(early=lambda body: body["state"]),
    "changes_are_events_that_are_known": lambda: thin.with_kind(
        changes=replace(thin.CHANGES, event=lambda _: Occurred("contract.signd", {}))
    ),
    "unproved_events_are_fetched": lambda: thin.with_rule(fetch=()),
    "ids_of_what_is_fetched_are_there": lambda: thin.with_rule(
        fetch=(Get("contract", id=field("contract.nr")), thin.HANDLES.fetch[1])
    ),
    "what_is_read_is_what_was_asked_for": lambda: thin.thin(OF_ANOTHER),
    "time_of_a_reading_can_be_read": lambda: thin.with_kind(changed="title"),
    "secrets_of_readings_are_masked": lambda: thin.with_kind(secret_fields=()),
    "arrival_within_one_time_changes_nothing": of_one_time,
    "settings_say_what_they_are_for": lambda: with_connector(settings=Wordless),
    "there_is_a_page": lambda: with_page(None),
    "page_names_every_type_and_setting": lambda: with_page("# Exemplar\n"),
    "settings_on_the_page_can_be_loaded": lambda: with_page('```toml\n[connections.å]\nconnector = "exemplar"\n```'),
    "events_on_the_page_are_understood": lambda: with_page('```json\n{"type": "visit.bokad"}\n```'),
    "page_shows_a_connection_with_its_variables": lambda: with_page((GOOD.page or "").replace("_SECRET=", "_SECRT=")),
    "page_tells_the_defaults_that_there_are": lambda: with_page((GOOD.page or "").replace("| `SE` |", "| `NO` |")),
    "page_names_every_rule_that_ignores": lambda: with_plan(lambda *_: Ignored("a visit in the past")),
}


def misspelt(event: Event, settings: Any) -> Plan:
    return event.payload["visit"]["plcae"] and template.visit_booked(event, settings)


def stumbling(request: Request, _secrets: Sequence[str]) -> Answer | None:
    return Answer(body=json.loads(request.body)["challenge"])


def with_body(**more: Any) -> Subject:
    """The first case says more."""
    first, *others = GOOD.cases
    body = json.loads(first.case.request.body) | more
    request = replace(first.case.request, body=json.dumps(body).encode())
    return replace(GOOD, cases=[replace(first, case=replace(first.case, request=request)), *others])


def of_number(number: int) -> Subject:
    """A visit and a hall of one number, and both are activities."""

    def plan(event: Event, settings: Any) -> Plan:
        *others, last = (template.visit_booked if event.type == BOOKED else template.hall_closed)(event, settings)
        return (*others, replace(last, key=Key("activity", event.subject.rpartition(":")[2])))

    handles = {name: replace(GOOD.connector.handles[name], plan=plan) for name in (BOOKED, "hall.closed")}
    connector = replace(GOOD.connector, handles={**GOOD.connector.handles, **handles})
    found = []
    for filed in GOOD.cases:
        body = json.loads(filed.case.request.body)
        thing = next(name for name in ("visit", "hall", "customer") if name in body)
        body[thing]["id"] = number
        request = replace(filed.case.request, body=json.dumps(body).encode())
        found.append(replace(filed, connector=connector, case=replace(filed.case, request=request)))
    return replace(GOOD, connector=connector, cases=found)


def needs_notes(event: Event, settings: Any) -> Plan:
    if event.payload["visit"]["currency"] is None or event.payload["customer"]["phone"] is None:
        raise ValueError(event.id)
    return template.visit_booked(event, settings)


def test_exemplar_keeps_to_every_rule() -> None:
    assert check(GOOD.connector, GOOD.cases, GOOD.page) == []


def test_every_rule_is_broken_here() -> None:
    assert sorted(BROKEN) == sorted(rule.__name__ for rule in RULES)


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.__name__)
def test_rule_finds_what_breaks_it_and_says_how_to_mend_it(rule: Callable[..., Any]) -> None:
    problems = check_subject(BROKEN[rule.__name__](), [rule])

    assert problems
    for problem in problems:
        assert problem.rule == rule.__name__
        assert problem.where
        assert problem.what
        assert problem.mend
        assert "connector's code must not raise" not in problem.mend, problem


@pytest.mark.parametrize(
    "subject",
    [
        of_one_time(rank=1),
        of_one_time(version=field("event_id.none"), rank=1),
        of_one_time(current_payloads=True),
        of_one_time(moved=BOOKED),
    ],
    ids=["rank", "version that is not told", "payloads built when they are sent", "one type: only arrival can tell"],
)
def test_connector_says_which_of_two_events_of_one_time_is_newer(subject: Subject) -> None:
    assert check_subject(subject, [order_rules.arrival_within_one_time_changes_nothing]) == []


def test_events_whose_order_of_arrival_decides_are_named() -> None:
    (problem,) = check_subject(of_one_time(), [order_rules.arrival_within_one_time_changes_nothing])

    assert problem.where == "visit_booked, visit_moved"
    assert problem.what.startswith("visit.booked and visit.moved have one time")
    assert "`rank=`" in problem.mend


def test_connector_without_cases_is_told_to_get_one() -> None:
    (problem,) = check(GOOD.connector, [])

    assert "relay capture" in problem.mend


def test_connector_that_raises_is_a_finding_and_no_crash() -> None:
    def verify(*_: object) -> None:
        raise RuntimeError("åh nej")

    scheme = type("Raising", (), {"needs_secret": True, "verify": verify, "sign": lambda _, request, *__: request})()

    problems = check_subject(with_connector(signature=scheme), [signature_rules.signed_request_is_valid])

    assert [problem.mend for problem in problems] == ["the connector's code must not raise"]
    assert "åh nej" in problems[0].what


def test_problem_of_a_plan_shows_the_difference() -> None:
    subject = with_upsert(lambda upsert: replace(upsert, on_create={**upsert.on_create, "description": "Besök bokat"}))

    problems = check_subject(subject, [case_rules.request_comes_to_its_plan])

    assert {problem.where for problem in problems} == {"visit_booked", "visit_booked_by_a_person"}
    assert '+          "description": "Besök bokat"' in problems[0].what
    assert problems[0].mend.endswith("relay connectors accept exemplar visit_booked")


def test_case_that_lost_its_plan_says_why_instead_of_showing_all_of_it() -> None:
    broken = thin.with_kind(at="")
    good = {filed.name: filed.outcomes for filed in thin.thin().cases}
    subject = replace(broken, cases=[replace(filed, expected=good[filed.name]) for filed in broken.cases])

    first, *_ = check_subject(subject, [case_rules.request_comes_to_its_plan])

    assert first.what.startswith("it came to a plan, and comes to none: rejected: contract.signed: contract: ")


def test_connector_of_another_kind_of_proof_is_judged_by_what_it_can_prove() -> None:
    """A token covers no body; all the same it must be the right one."""
    for scheme in (UrlToken(), StaticHeader("X-Token"), Basic(), BodyField("token")):
        of_captured = signature_rules.signature_is_where_the_captured_request_has_it
        rules = [rule for rule in RULES if rule.__module__.endswith("signature_rules") and rule is not of_captured]
        assert check_subject(with_connector(signature=scheme), rules) == [], scheme


def test_setting_that_is_missing_is_one_problem_that_names_the_files() -> None:
    (problem,) = check_subject(with_connector(settings=Demanding))

    assert problem.what == '"settings" lacks fallback_product'
    assert problem.mend == "add it there"
    assert "…/template/cases/visit_booked/request.json" in problem.where
    assert len(problem.where.splitlines()) == len(GOOD.cases)


def test_rule_that_is_run_alone_blames_the_settings_and_not_the_code() -> None:
    (problem,) = check_subject(with_connector(settings=Demanding), [case_rules.request_comes_to_its_plan])

    assert "fallback_product: Missing" in problem.what
    assert problem.mend == 'mend the "settings" of the case'


def test_setting_that_is_wrong_is_one_problem_too() -> None:
    case = replace(GOOD.cases[0].case, settings={"owner": "ingen adress"})
    (problem,) = check_subject(with_case(GOOD.cases[0].name, case=case))

    assert problem.what.startswith('"settings" owner: ')


def test_unknown_field_is_told_once_with_the_one_that_is_meant() -> None:
    subject = with_upsert(lambda upsert: replace(upsert, set={"descripton": "Båten läcker"}))

    (problem,) = check_subject(
        subject, [plan_rules.plans_hold_what_upsales_keeps, plan_rules.a_sample_can_make_each_record]
    )

    assert problem.what == "activity has no field `descripton`; near: `description`"
    assert problem.mend == "write `description`"
    assert problem.where == "visit_booked, visit_booked_by_a_person, activity descripton"


def test_unknown_field_of_a_part_is_compared_with_those_of_the_part() -> None:
    address = {"type": "Visit", "adress": "Södra kajen 3"}
    subject = with_upsert(lambda _: Upsert(key=Key("account", "Ö-1"), set={"addresses": (address,)}))

    problems = check_subject(subject, [plan_rules.plans_hold_what_upsales_keeps])

    assert [problem.what for problem in problems] == ["account has no field `addresses.0.adress`; near: `address`"]


@pytest.mark.parametrize(("message", "broken"), [(Needs("Utan båda går det inte."), False), ("Needs a phone.", True)])
def test_payload_may_need_one_of_several_fields_whatever_it_says_then(message: str, *, broken: bool) -> None:
    class Demanded(template.payloads.VisitBooked):
        @validates_schema
        def either(self, data: Mapping[str, Any], **_: Any) -> None:
            if (data["customer"] or {}).get("phone") is None:
                raise ValidationError(message)

    problems = check_subject(with_rule(schema=Demanded), [payload_rules.null_in_an_optional_field_is_fine])

    assert bool(problems) is broken


def test_one_event_in_two_cases_is_right() -> None:
    twice = replace(GOOD, cases=[*GOOD.cases, replace(GOOD.cases[0], name="sent_again")])

    assert check_subject(twice, [reading_rules.different_events_have_different_ids]) == []


def test_thin_sender_keeps_to_every_rule() -> None:
    assert check_subject(thin.thin()) == []


def test_case_of_a_thin_sender_is_planned_from_what_was_recorded() -> None:
    (outcome,) = thin.thin().cases[0].outcomes

    assert outcome["changed"] == "2026-03-02T08:14:00+00:00"
    assert outcome["plan"][0]["key"] == {"Key": "account company:åkeri & söner ab"}


@pytest.mark.parametrize(
    ("answers", "told"),
    [
        ({"contract": Recorded({}, 404)}, {"ignored": "answered 404"}),
        ({"contract": Recorded({}, 409)}, {"unread": "early: contract: being made"}),
        ({"contract": Recorded({"data": {"state": "draft"}})}, {"unread": "early: no lines yet"}),
        ({"contract": Recorded({}, 403)}, {"unread": "forbidden: contract: answered 403"}),
        ({}, {"unread": "no answer is recorded for contract 77"}),
    ],
    ids=["gone", "means", "early", "forbidden", "not recorded"],
)
def test_case_can_record_that_there_is_nothing(answers: Mapping[str, Recorded], told: Mapping[str, str]) -> None:
    (outcome,) = thin.filed(thin.CONNECTOR, "x", thin.request(1), answers).outcomes

    assert told.items() <= outcome.items()


MISTAKES = {
    "wrong path": (
        BROKEN["places_are_there"],
        "is taken from vist.id, and there is nothing in this sample",
        "did you mean visit.id?",
    ),
    "wrong signature header": (
        BROKEN["signature_is_where_the_captured_request_has_it"],
        "the connector looks for x-exemplar-sign, and the captured request was proved by X-Exemplar-Signature",
        "did you mean X-Exemplar-Signature?",
    ),
    "unknown resource": (BROKEN["resources_are_those_of_upsales"], "Upsales has no 'acount'", "did you mean account?"),
    "wrong type": (BROKEN["values_are_those_of_a_plan"], "object is no value of a plan", "write text, a number"),
    "two types on one key": (
        BROKEN["each_thing_has_a_key_of_its_own"],
        "stands for hall:1 and visit:1",
        "put the kind of thing before its id",
    ),
    "unstable id": (
        BROKEN["id_stays_the_same_when_sent_again"],
        "sent again three hours later its id is another",
        "take event_id from what the sender repeats",
    ),
    "constant id": (
        BROKEN["id_is_not_the_same_for_every_event"],
        "whatever the request says, its id is 'page'",
        "take event_id from what differs",
    ),
    "secret in a payload": (
        BROKEN["secrets_in_payloads_are_hidden"],
        "api_key looks like a secret",
        "secret_fields=('api_key',)",
    ),
    "secret fields that hit nothing": (
        lambda: with_connector(secret_fields=("visit.nots",)),
        "visit.nots is in no case",
        "did you mean notes?",
    ),
    "unreadable time": (
        BROKEN["time_of_a_sample_can_be_read"],
        "visit.booked",
        "correct the place that `time` takes it from",
    ),
    "KeyError": (BROKEN["mappings_raise_nothing"], "KeyError: 'plcae' at test_rules.py", "did you mean 'place'?"),
    "misspelt type": (
        lambda: with_connector(
            handles={name.replace("booked", "bokoed"): rule for name, rule in GOOD.connector.handles.items()}
        ),
        "ignored: no rule for type",
        "handles has visit.bokoed: write visit.booked",
    ),
    "wrong path of an id": (
        BROKEN["ids_of_what_is_fetched_are_there"],
        "its id is taken from contract.nr, and there is nothing in any sample",
        "did you mean contract.id?",
    ),
    "wrong path of an id in what was read": (
        lambda: thin.with_rule(
            fetch=(thin.HANDLES.fetch[0], Get("customer", id=read_field("contract.customerid"))),
        ),
        "its id is taken from what was read: contract.customerid",
        "did you mean contract.customer_id?",
    ),
    "wrong kind in Get": (
        BROKEN["what_is_fetched_is_declared"],
        "fetches contrat, and the source has no such kind",
        "did you mean contract?",
    ),
    "wrong place in an answer": (
        BROKEN["recorded_answers_are_as_declared"],
        "contract.signed: contract: ",
        "correct the kind's schema or its `at`",
    ),
    "answer of another thing": (
        BROKEN["what_is_read_is_what_was_asked_for"],
        "contract 77 was asked for, and the answer is that of 78",
        "record the answer for 77",
    ),
    "wrong time of a reading": (
        BROKEN["time_of_a_reading_can_be_read"],
        "title is no time in any recorded answer",
        "name the field that does",
    ),
    "HTTP inside a mapping": (
        BROKEN["mappings_do_no_io"],
        "imports httpx: a connector does no I/O",
        "`source=Source(…)` and `fetch=`",
    ),
}


@pytest.mark.parametrize("mistake", MISTAKES)
def test_mistake_is_told_with_its_cause_and_its_cure(mistake: str) -> None:
    """By all rules together, as a developer sees it."""
    subject, cause, cure = MISTAKES[mistake]

    problems = check_subject(subject())

    assert [each for each in problems if cause in each.what and cure in each.mend], "\n".join(map(str, problems))
    assert not [each for each in problems if "connector's code must not raise" in each.mend]


@pytest.mark.parametrize(
    "rule", ["places_are_there", "what_is_fetched_is_declared", "ids_of_what_is_fetched_are_there"]
)
def test_cause_is_told_alone(rule: str) -> None:
    """What follows from it is a screen full of lines that say nothing more."""
    assert {each.rule for each in check_subject(BROKEN[rule]())} == {rule}


def test_reading_that_may_be_missing_is_not_taken_for_granted() -> None:
    get = replace(thin.HANDLES.fetch[1], optional=True, id=field("nowhere"))

    (problem,) = check_subject(thin.with_rule(fetch=(thin.HANDLES.fetch[0], get)))

    assert "nothing was read as 'customer'" in problem.what
    assert "event.read.get('customer')" in problem.mend
