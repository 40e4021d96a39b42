"""What the schemas let through is stored by Upsales unchanged, resource by resource."""

from __future__ import annotations

import re
from datetime import datetime
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from schemas.upsales import SCHEMAS, custom_problem, problems
from worker.plan import RESOURCES

REF = {"id": 4}
ROW = {"product": REF, "quantity": 2, "price": 99.5}
METADATA = {
    "agreementDescription": "Årsavtal",
    "agreementStartdate": "2026-01-01",
    "agreementIntervalType": 1,
    "agreementIntervalPeriod": 3,
    "agreementOrderCreationTime": 0,
    "periodLength": 12,
    "agreementRenewalDate": "2027-01-01",
}

GOOD: dict[str, dict[str, Any]] = {
    "account": {"name": "Åkeri & Söner ß"},
    "contact": {"client": REF, "email": "åsa@exempel.se"},
    "order": {"client": REF, "user": REF, "stage": REF, "date": "2026-01-31", "orderRow": [ROW]},
    "activity": {"description": "Ring Åsa", "users": [REF], "activityType": REF},
    "appointment": {"date": "2026-01-31T09:00:00.000Z", "users": [REF], "activityType": REF},
    "phoneCall": {"user": REF, "contact": REF, "client": REF},
    "product": {"name": "Övrigt"},
    "agreement": {
        "description": "Abonnemang", "user": REF, "client": REF, "stage": REF, "orderRow": [ROW], "metadata": METADATA,
    },
    "ticket": {"title": "Går ej att logga in"},
    "comment": {"description": "Från växeln"},
    "event": {"entityType": "marketingCustom", "score": 0},
    "file": {"name": "Avtal Ö.pdf", "content": {"reading": "01", "mediaType": "application/pdf", "size": 12}},
}  # fmt: skip


def test_every_resource_has_a_schema() -> None:
    assert set(SCHEMAS) == set(RESOURCES) == set(GOOD)


@pytest.mark.parametrize("resource", RESOURCES)
def test_the_least_that_upsales_takes_is_good(resource: str) -> None:
    assert problems(resource, GOOD[resource], creating=True) == {}


@pytest.mark.parametrize(
    ("resource", "field"), [(resource, field) for resource in RESOURCES for field in GOOD[resource] if field != "email"]
)
def test_each_required_field_is_needed_to_create_and_may_never_be_null(resource: str, field: str) -> None:
    without = {name: value for name, value in GOOD[resource].items() if name != field}
    assert field in problems(resource, without, creating=True)
    assert field in problems(resource, {**GOOD[resource], field: None}, creating=True)
    assert field in problems(resource, {field: None}, creating=False)


@pytest.mark.parametrize("resource", [resource for resource in RESOURCES if resource != "event"])
def test_an_update_may_say_any_one_thing(resource: str) -> None:
    for field, value in GOOD[resource].items():
        if field != "metadata":
            assert problems(resource, {field: value}, creating=False) == {}


@pytest.mark.parametrize("resource", RESOURCES)
@pytest.mark.parametrize("creating", [True, False])
def test_a_field_that_upsales_does_not_know_is_an_error(resource: str, creating: bool) -> None:  # noqa: FBT001 - a table's column
    assert "fält" in problems(resource, {**GOOD[resource], "fält": 1}, creating=creating)


LENGTHS = [
    ("account", "name", 100), ("account", "phone", 30), ("account", "webpage", 100), ("account", "orgNo", 32),
    ("contact", "name", 50), ("contact", "firstName", 50), ("contact", "lastName", 50), ("contact", "phone", 30),
    ("contact", "cellPhone", 30), ("contact", "title", 128), ("activity", "description", 100),
    ("appointment", "description", 100), ("appointment", "location", 2048), ("phoneCall", "type", 45),
    ("phoneCall", "phoneNumber", 45), ("phoneCall", "conversationUrl", 512), ("phoneCall", "externalId", 512),
    ("product", "articleNo", 100), ("product", "description", 1024), ("ticket", "title", 150),
    ("event", "value", 512), ("event", "externalId", 72), ("file", "name", 255),
]  # fmt: skip


@pytest.mark.parametrize(("resource", "field", "longest"), LENGTHS)
def test_text_may_be_as_long_as_upsales_keeps_and_no_longer(resource: str, field: str, longest: int) -> None:
    for text, good in (("ö" * longest, True), ("ö" * (longest + 1), False), ("😀" * (longest // 2 + 1), False)):
        found = problems(resource, {**GOOD[resource], field: text}, creating=True)
        assert (field not in found) is good


BAD: list[tuple[str, str, Any]] = [
    ("account", "name", " Åkeri"),
    ("account", "name", "Åkeri\u00a0"),
    ("account", "name", "\ufeffÅkeri"),
    ("account", "name", ""),
    ("account", "name", "A\x00B"),
    ("account", "name", "\ud800"),
    ("account", "name", "API_BLANK"),
    ("account", "name", 17),
    ("account", "noEmployees", "12"),
    ("account", "noEmployees", 1.5),
    ("account", "noEmployees", -1),
    ("account", "noEmployees", True),
    ("account", "noEmployees", None),
    ("account", "turnover", "12,5"),
    ("account", "turnover", float("nan")),
    ("account", "turnover", float("inf")),
    ("account", "turnover", 2**53),
    ("account", "active", "1"),
    ("account", "active", 2),
    ("account", "users", REF),
    ("account", "users", [4]),
    ("account", "users", [{"id": "4"}]),
    ("account", "addresses", [{"city": "Örebro"}]),
    ("account", "addresses", [{"type": "Besök"}]),
    ("account", "addresses", [{"type": "Visit", "gata": "x"}]),
    ("account", "custom", [{"fieldId": "3", "value": "x"}]),
    ("account", "custom", [{"fieldId": 3, "value": 5}]),
    ("account", "custom", [{"fieldId": 3, "value": "å"}, {"fieldId": 3, "value": "ä"}]),
    ("account", "naicsCode", "1234567"),
    ("account", "ukSicCode", "123456"),
    ("account", "parent", REF),
    ("account", "score", 5),
    ("account", "regDate", "2026-01-01"),
    ("contact", "client", {"id": 0}),
    ("contact", "client", {"id": True}),
    ("contact", "client", {"id": 1, "name": "Å"}),
    ("contact", "client", 4),
    ("contact", "email", "åsa"),
    ("contact", "email", "å sa@exempel.se"),
    ("order", "date", "2026-02-30"),
    ("order", "date", "31/1 2026"),
    ("order", "date", "2026-01-31T00:00:00Z"),
    ("order", "closeDate", "2026-01-31T25:00:00Z"),
    ("order", "orderRow", []),
    ("order", "probability", 101),
    ("order", "currency", "kr"),
    ("order", "value", 100),
    ("activity", "contacts", [REF, REF]),
    ("activity", "users", []),
    ("activity", "priority", 1),
    ("appointment", "date", "2026-01-31"),
    ("appointment", "date", "2026-01-31T09:00:00"),
    ("appointment", "date", "2026-01-31T09:00:00.123Z"),
    ("appointment", "outcome", "inställd"),
    ("ticket", "priority", 4),
    ("event", "entityType", "annat"),
    ("event", "score", "5"),
]


@pytest.mark.parametrize("creating", [True, False])
@pytest.mark.parametrize(("resource", "field", "value"), BAD)
def test_what_upsales_would_change_or_drop_is_an_error(resource: str, field: str, value: Any, creating: bool) -> None:  # noqa: FBT001 - a table's column
    found = problems(resource, {**GOOD[resource], field: value}, creating=creating)
    assert [name for name in found if name.partition(".")[0] == field]


@pytest.mark.parametrize("creating", [True, False])
@pytest.mark.parametrize("missing", ["product", "quantity", "price"])
def test_a_row_is_always_whole(missing: str, creating: bool) -> None:  # noqa: FBT001 - a table's column
    row = {name: value for name, value in ROW.items() if name != missing}
    for resource in ("order", "agreement"):
        body = {**GOOD[resource], "orderRow": [ROW, row]} if creating else {"orderRow": [ROW, row]}
        assert problems(resource, body, creating=creating) == {f"orderRow.1.{missing}": ["is missing"]}


def test_rows_of_others_go_back_as_they_are() -> None:
    row = {"id": 9, **ROW, "listPrice": None, "purchaseCost": None}
    assert problems("order", {"orderRow": [row]}, creating=False) == {}


def test_a_contact_needs_a_name_or_an_address_and_one_kind_of_name() -> None:
    assert "email" in problems("contact", {"client": REF}, creating=True)
    assert problems("contact", {"client": REF, "lastName": "Öberg"}, creating=True) == {}
    both = {"client": REF, "name": "Åsa Ek", "firstName": "Åsa"}
    assert "name" in problems("contact", both, creating=True)


@pytest.mark.parametrize(
    ("metadata", "wrong"),
    [
        ({"agreementIntervalPeriod": 5}, "metadata.agreementIntervalPeriod"),
        ({"periodLength": 0}, "metadata.agreementRenewalDate"),
        ({"agreementIntervalType": 2}, "metadata.agreementIntervalType"),
        ({"agreementDescription": "å" * 131}, "metadata.agreementDescription"),
    ],
)
def test_the_periods_of_a_subscription_fit_together(metadata: dict[str, Any], wrong: str) -> None:
    body = {**GOOD["agreement"], "metadata": {**METADATA, **metadata}}
    assert list(problems("agreement", body, creating=True)) == [wrong]


def test_what_defines_a_subscription_is_said_once() -> None:
    late = {"metadata": {"periodLength": 24, "agreementEnddate": "2027-01-31"}}
    assert list(problems("agreement", late, creating=False)) == ["metadata.periodLength"]
    assert problems("agreement", {"metadata": {"agreementEnddate": "2027-01-31"}}, creating=False) == {}


def test_an_entry_on_a_time_line_is_never_changed() -> None:
    assert problems("event", {"value": "Å"}, creating=False)


CUSTOM_VALUES = [
    ("String", "å" * 255, True), ("String", "å" * 256, False), ("Text", "å" * 5000, True), ("Integer", "12", True),
    ("Integer", "tolv", False), ("int", "1.5", False), ("Currency", "12.50", True), ("Percent", "12,5", False),
    ("Boolean", "1", True), ("Boolean", "ja", False), ("Date", "2026-01-31", True), ("dat", "31/1", False),
    ("Time", "09:30", True), ("Time", "9.30", False), ("Email", "åsa@exempel.se", True), ("Email", "åsa", False),
    ("Select", "Röd", True), ("Select", "Blå", False), ("Hittills okänd", "vad som helst", True), ("Integer", "", True),
    ("Text", " x", False),
]  # fmt: skip


@pytest.mark.parametrize(("datatype", "value", "good"), CUSTOM_VALUES)
def test_a_custom_value_fits_its_datatype(datatype: str, value: str, good: bool) -> None:  # noqa: FBT001 - a table's column
    definition = {"datatype": datatype, "default": ["Röd", "Grön"], "maxLength": 0}
    assert (custom_problem(definition, value) is None) is good


# What Upsales does to a value, from its answers to junk: https://api.upsales.com and the recordings of its Python SDK.
LONGEST = {(resource, field): longest for resource, field, longest in LENGTHS} | {
    ("contact", "email"): 128, ("account", "naicsCode"): 6, ("account", "sicCode"): 6, ("account", "ukSicCode"): 5,
}  # fmt: skip
TEXTS = {"name", "phone", "webpage", "orgNo", "notes", "email", "firstName", "lastName", "title", "description", "location",
         "type", "phoneNumber", "externalId", "articleNo", "value", "naicsCode", "sicCode", "ukSicCode"}  # fmt: skip
NUMBERS = {"noEmployees", "turnover", "profit", "probability", "listPrice", "score", "durationInS", "currencyRate"}
DATES = {"date", "closeDate", "endDate"}
REFERENCES = {"client", "user", "contact", "stage", "activityType", "project"}
JS_BLANKS = " \t\n\v\f\r\u00a0\u1680\u2028\u2029\u202f\u205f\u3000\ufeff" + "".join(map(chr, range(0x2000, 0x200B)))


def utf16_cut(text: str, longest: int) -> str:
    return text.encode("utf-16-le", "surrogatepass")[: 2 * longest].decode("utf-16-le", "replace")


def stored(resource: str, field: str, value: Any) -> Any:
    if value is None and field not in NUMBERS:
        return None
    if field in TEXTS and not (resource == "ticket" and field == "type"):
        text = value if isinstance(value, str) else str(value)
        return utf16_cut(text.strip(JS_BLANKS), LONGEST.get((resource, field), 10**9))
    if field in NUMBERS:
        return value if isinstance(value, int | float) and not isinstance(value, bool) and abs(value) < 2**53 else 0
    if field in DATES:
        return as_date(value, cuts=resource == "appointment")
    if field in REFERENCES:
        return value if isinstance(value, dict) and isinstance(value.get("id"), int) and value["id"] > 0 else None
    return value


def as_date(value: Any, *, cuts: bool) -> Any:
    try:
        moment = datetime.fromisoformat(value)
    except (TypeError, ValueError):
        return None
    return re.sub(r"\.\d+", ".000", value) if cuts and moment.microsecond else value


blank = st.sampled_from(["", " ", "\ufeff", "\u00a0", "\n"])
texts = st.builds(lambda a, b, c: a + b + c, blank, st.text(max_size=20), blank)
moments = st.datetimes().map(lambda moment: moment.isoformat() + "Z")
numbers = st.one_of(st.integers(-5, 200), st.integers(), st.floats(), st.booleans(), st.text("0123456789", max_size=8))
references = st.fixed_dictionaries({"id": st.one_of(st.integers(-1, 2), texts, st.booleans())})
anything = st.one_of(texts, st.dates().map(str), moments, numbers, references, st.none())


def near_the_limit(resource: str, field: str) -> st.SearchStrategy[str]:
    longest = LONGEST.get((resource, field), 30)
    return st.builds(
        lambda char, more: char * (longest // len(char.encode("utf-16-le")) * 2 + more),
        st.sampled_from("aöß😀"),
        st.integers(-1, 3),
    )


@st.composite
def one_field(draw: st.DrawFn) -> tuple[str, str, Any]:
    """A resource, one of its fields, and a value that is nearly, or not at all, what belongs there."""
    resource = draw(st.sampled_from(RESOURCES))
    field = draw(st.sampled_from(sorted((TEXTS | NUMBERS | DATES | REFERENCES) & SCHEMAS[resource].fields.keys())))
    fitting: st.SearchStrategy[Any] = st.one_of(texts, near_the_limit(resource, field))
    for names, strategy in (
        (NUMBERS, numbers),
        (DATES, st.one_of(st.dates().map(str), moments)),
        (REFERENCES, references),
    ):
        if field in names:
            fitting = strategy
    return resource, field, draw(st.one_of(fitting, fitting, anything))


@given(one_field())
@settings(max_examples=250)
def test_whatever_passes_is_stored_as_it_was_sent(said: tuple[str, str, Any]) -> None:
    resource, field, value = said
    if not problems(resource, {**GOOD[resource], field: value}, creating=True):
        assert stored(resource, field, value) == value
