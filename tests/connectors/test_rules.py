"""What every connector keeps to, whoever wrote it."""

from __future__ import annotations

import copy
import json
import re
import tomllib
from collections.abc import Callable, Iterator
from dataclasses import fields, replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from marshmallow import Schema
from marshmallow import fields as wire

from schemas.upsales import problems
from tests.connectors.catalogue import CASES, ROOT, Filed, cases_of
from worker.connector import Connector, Event
from worker.connector_settings import describe, load_settings
from worker.connectors import OURS
from worker.errors import Rejected
from worker.plan import Reference, Upsert
from worker.reading import NO_RULE, plan_event, read, rule_for
from worker.request import Request
from worker.wire import assemble, to_wire

SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
OTHER_SECRET = "whsec_plJ3nmyCDGBKInavdOK15jsl"
NOW = datetime(2026, 3, 2, 8, 15, 6, tzinfo=UTC)

every_connector = pytest.mark.parametrize("connector", OURS, ids=lambda each: each.name)
every_mapped_case = pytest.mark.parametrize("filed", [each for each in CASES if list(each.events())], ids=str)


def planned(filed: Filed, event: Event) -> Any:
    """The plan, the ignored rule, or the line of a rejection."""
    try:
        return plan_event(filed.connector, filed.settings, event)
    except Rejected as error:
        return str(error)


def upserts(connector: Connector) -> Iterator[Upsert]:
    for filed in cases_of(connector):
        for _, event in filed.events():
            plan = planned(filed, event)
            yield from plan if isinstance(plan, tuple) else ()


# Signatures


def signed(connector: Connector, now: datetime = NOW) -> Request:
    return connector.signature.sign(cases_of(connector)[0].case.request, SECRET, now)


def without(request: Request, header: str) -> Request:
    return replace(request, headers=tuple(pair for pair in request.headers if pair[0] != header))


def added(request: Request, connector: Connector) -> set[str]:
    """The headers that signing added."""
    return {name for name, _ in request.headers} - {name for name, _ in cases_of(connector)[0].case.request.headers}


@every_connector
def test_signed_request_is_valid_and_says_by_which_secret(connector: Connector) -> None:
    assert connector.signature.verify(signed(connector), [OTHER_SECRET, SECRET], NOW) == 1


ATTACKS: dict[str, Callable[[Request], Request]] = {
    "body changed": lambda request: replace(request, body=request.body + b" "),
    "body emptied": lambda request: replace(request, body=b""),
}


@every_connector
@pytest.mark.parametrize("attack", ATTACKS.values(), ids=list(ATTACKS))
def test_changed_request_is_refused(connector: Connector, attack: Callable[[Request], Request]) -> None:
    assert connector.signature.verify(attack(signed(connector)), [SECRET], NOW) is None


@every_connector
@pytest.mark.parametrize("secrets", [[OTHER_SECRET], [], [""], [" "]], ids=["another", "none", "empty", "blank"])
def test_request_signed_with_no_secret_of_ours_is_refused(connector: Connector, secrets: list[str]) -> None:
    assert connector.signature.verify(signed(connector), secrets, NOW) is None


@every_connector
@pytest.mark.parametrize("value", ["", "å", "\udc80", "0" * 10_000, "v1,", "sha256=", "=" * 44, "v1,AAAA v1,åäö"])
def test_signature_headers_of_any_content_are_refused(connector: Connector, value: str) -> None:
    request = signed(connector)
    assert added(request, connector)
    for header in added(request, connector):
        changed = replace(request, headers=(*without(request, header).headers, (header, value)))
        assert connector.signature.verify(changed, [SECRET], NOW) is None


@every_connector
def test_missing_or_repeated_signature_headers_are_refused(connector: Connector) -> None:
    request = signed(connector)
    for header in added(request, connector):
        repeated = replace(request, headers=(*request.headers, (header, request.header(header) or "")))
        assert connector.signature.verify(without(request, header), [SECRET], NOW) is None
        assert connector.signature.verify(repeated, [SECRET], NOW) is None


# Ids, types, subjects


@every_connector
def test_id_stays_the_same_when_the_sender_sends_again(connector: Connector) -> None:
    for filed in cases_of(connector):
        first, again = (
            connector.signature.sign(filed.case.request, SECRET, now) for now in (NOW, NOW + timedelta(hours=3))
        )
        assert [each.id for each in read(connector, first)] == [each.id for each in read(connector, again)]


@every_connector
def test_different_events_have_different_ids(connector: Connector) -> None:
    ids = [reading.id for filed in cases_of(connector) for reading in filed.readings()]
    assert len(ids) == len(set(ids))


@every_connector
def test_unknown_type_falls_under_no_rule(connector: Connector) -> None:
    event = Event(id="1", type="å/unheard.of", subject="x", time=NOW, payload={}, connection="c")

    assert rule_for(connector, event.type) is None
    assert plan_event(connector, None, event) == NO_RULE


@every_connector
def test_every_handled_type_has_a_case_that_ends_in_a_plan(connector: Connector) -> None:
    planned_types = {
        event.type
        for filed in cases_of(connector)
        for _, event in filed.events()
        if isinstance(planned(filed, event), tuple)
    }
    assert planned_types == set(connector.handles)


@every_connector
def test_no_ignored_pattern_hides_a_handled_type(connector: Connector) -> None:
    """A handled type counts first; a pattern that fits one as well is a slip."""
    ignoring = replace(connector, handles={})
    assert [each for each in connector.handles if rule_for(ignoring, each) is not None] == []


@every_connector
@pytest.mark.parametrize(
    "body", [b"", b"{", b"\xff", b"[" * 100_000, b'{"a": NaN}', b'{"a": 1e999}', b'{"a":' + b"9" * 5000 + b"}"]
)
def test_what_is_no_json_is_a_bad_body(connector: Connector, body: bytes) -> None:
    request = replace(cases_of(connector)[0].case.request, body=body)
    with pytest.raises(Exception, match="the body is not") as caught:
        read(connector, request)
    assert type(caught.value).__name__ == "BadBody"


@every_connector
@pytest.mark.parametrize(
    "body", [b"{}", b"null", b"5", b'"\\ud800"', b"[]", b'{"id": null}', b'{"data": [1], "form_response": 1}']
)
def test_other_json_is_read_and_says_what_is_missing(connector: Connector, body: bytes) -> None:
    request = Request("POST", "https://relay.example/webhooks/x", (), body)
    (reading,) = read(connector, request)
    assert reading.problem
    assert reading.id
    assert reading.subject


# Payloads


def grown(payload: Any, schema: Schema) -> Any:
    """The payload with a field more in each object that the schema describes."""
    if not isinstance(payload, dict):
        return payload
    inner = {
        name: _grown_field(payload.get(name), field) for name, field in _by_wire_name(schema).items() if name in payload
    }
    return {**payload, **inner, "added by the sender later": {"å": [1, None]}}


def _grown_field(value: Any, field: wire.Field[Any]) -> Any:
    if isinstance(field, wire.List) and isinstance(value, list):
        return [_grown_field(each, field.inner) for each in value]
    return grown(value, field.schema) if isinstance(field, wire.Nested) else value


def _by_wire_name(schema: Schema) -> dict[str, wire.Field[Any]]:
    return {field.data_key or name: field for name, field in schema.fields.items()}


def changes(payload: Any, schema: Schema, *, required: bool) -> Iterator[tuple[str, Any]]:
    """For each used field of the payload: its dotted path, and the payload without it (if required) or with null there."""
    if not isinstance(payload, dict):
        return
    for name, field in _by_wire_name(schema).items():
        if name not in payload:
            continue
        if field.required and required:
            yield name, {key: value for key, value in payload.items() if key != name}
        if not field.required and not required:
            yield name, {**payload, name: None}
        for path, changed in _inside(payload[name], field, required=required):
            yield f"{name}.{path}", {**payload, name: changed}


def _inside(value: Any, field: wire.Field[Any], *, required: bool) -> Iterator[tuple[str, Any]]:
    if isinstance(field, wire.Nested):
        yield from changes(value, field.schema, required=required)
    elif isinstance(field, wire.List) and isinstance(value, list) and value:
        for path, changed in _inside(value[0], field.inner, required=required):
            yield f"0.{path}", [changed, *value[1:]]


@every_mapped_case
def test_fields_we_do_not_know_change_nothing(filed: Filed) -> None:
    for rule, event in filed.events():
        with_more = replace(event, payload=grown(event.payload, rule.schema()))
        assert with_more.payload != event.payload
        assert planned(filed, with_more) == planned(filed, event)


@every_mapped_case
def test_missing_field_is_named_in_one_clear_line(filed: Filed) -> None:
    for rule, event in filed.events():
        if isinstance(planned(filed, event), str):
            continue
        for path, payload in changes(event.payload, rule.schema(), required=True):
            line = planned(filed, replace(event, payload=payload))
            assert line == f"{event.type}: {path}: Missing data for required field"


@every_mapped_case
def test_null_in_any_optional_field_is_fine(filed: Filed) -> None:
    for rule, event in filed.events():
        if isinstance(planned(filed, event), str):
            continue
        for path, payload in changes(event.payload, rule.schema(), required=False):
            outcome = planned(filed, replace(event, payload=payload))
            assert not isinstance(outcome, str) or "Needs a" in outcome, f"{path}: {outcome}"


@every_mapped_case
def test_planning_is_pure(filed: Filed) -> None:
    for _, event in filed.events():
        before = copy.deepcopy(event)
        assert planned(filed, event) == planned(filed, event)
        assert event == before


JUNK = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.floats(allow_nan=False, allow_infinity=False),
    st.text(max_size=20),
    st.sampled_from(["", "  ", "1e9999", "-1", "å@ö.se", "\ufeff", "x" * 300, "🚢" * 80, "API_BLANK", "NaN"]),
    st.just([]),
    st.just({}),
    st.lists(st.none() | st.integers(), max_size=2),
    st.dictionaries(st.sampled_from(["id", "type", "å"]), st.none() | st.text(max_size=3), max_size=2),
)


def places(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    yield path
    inner = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for step, part in inner:
        yield from places(part, (*path, step))


def put(value: Any, path: tuple[Any, ...], new: Any) -> Any:
    if not path:
        return new
    changed = copy.copy(value)
    changed[path[0]] = put(value[path[0]], path[1:], new)
    return changed


@every_connector
@settings(max_examples=100, deadline=None, derandomize=True, database=None, suppress_health_check=list(HealthCheck))
@given(data=st.data())
def test_no_payload_that_validates_makes_a_mapping_raise(connector: Connector, data: st.DataObject) -> None:
    filed = data.draw(st.sampled_from([each for each in cases_of(connector) if list(each.events())]))
    _, event = data.draw(st.sampled_from(list(filed.events())))
    payload = event.payload
    for _ in range(data.draw(st.integers(1, 3))):
        payload = put(payload, data.draw(st.sampled_from(list(places(payload)))), data.draw(JUNK))

    outcome = planned(filed, replace(event, payload=payload))

    assert not isinstance(outcome, str) or "mapping raised" not in outcome, outcome


# What plans do in Upsales


@every_connector
def test_writes_cover_what_the_plans_do_and_no_more(connector: Connector) -> None:
    made = list(upserts(connector))
    done = {(each.key.resource, "create") for each in made if each.create}
    done |= {(each.key.resource, "update") for each in made if each.set or each.if_empty}
    declared = {(resource, verb) for resource, verbs in connector.writes.items() for verb in verbs}

    assert done == declared


def resolved(_reference: Reference) -> int:
    return 7


@every_connector
def test_plans_hold_what_upsales_keeps_unchanged(connector: Connector) -> None:
    for upsert in upserts(connector):
        groups = {**upsert.if_empty, **upsert.on_create, **upsert.set}
        body = assemble({name: to_wire(value, resolved) for name, value in groups.items()}, custom_id=lambda _alias: 7)
        found = problems(upsert.key.resource, body, creating=False)
        allowed = {"can't be changed once it exists", "can't be changed once the subscription exists"}
        assert [line for lines in found.values() for line in lines if line not in allowed] == [], upsert.key


@every_connector
def test_keys_and_matches_fit_into_the_ledger(connector: Connector) -> None:
    for upsert in upserts(connector):
        assert 0 < len(upsert.key.id) <= 255
        assert all(0 < len(match.value) <= 255 for match in upsert.match)


# Settings and documentation


@every_connector
def test_required_settings_say_what_they_are_for(connector: Connector) -> None:
    assert all(each.doc for each in describe(connector.settings))


@every_connector
def test_documentation_names_every_type_pattern_and_setting(connector: Connector) -> None:
    page = (ROOT / "docs" / "connectors" / f"{connector.name}.md").read_text("utf-8")
    names = [*connector.handles, *connector.ignores, *(each.name for each in fields(connector.settings))]

    assert [name for name in names if f"`{name}`" not in page] == []


def examples(connector: Connector, language: str) -> list[str]:
    page = (ROOT / "docs" / "connectors" / f"{connector.name}.md").read_text("utf-8")
    return re.findall(rf"```{language}\n(.*?)```", page, re.DOTALL)


@every_connector
def test_documented_settings_can_be_loaded(connector: Connector) -> None:
    for example in examples(connector, "toml"):
        for name, table in tomllib.loads(example)["connections"].items():
            assert table.pop("connector") == connector.name
            assert load_settings(connector.settings, table, name)


@every_connector
def test_documented_events_are_understood(connector: Connector) -> None:
    documents = [json.loads(example) for example in examples(connector, "json")]
    for document in (each for each in documents if "type" in each):
        assert connector.handles[document["type"]].schema().validate(document) == {}


@every_connector
def test_answer_to_an_accepted_event_is_a_success(connector: Connector) -> None:
    assert 200 <= connector.accepted_status < 300
