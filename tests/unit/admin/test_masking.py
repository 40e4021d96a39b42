"""Nobody is told by a masked payload, and what tells of nobody stays to be read."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from marshmallow import Schema, fields

from tests.connectors.catalogue import REQUESTS, Filed
from worker.admin.masking import MOST_SHOWN, Masking, masked_body, masked_value, parsed
from worker.admin.plain import is_plain
from worker.admin.shapes import COMMON, shape
from worker.sdk.connector import Handles
from worker.sdk.mapping.domains import is_private
from worker.sdk.route import rule_for, schema_of

TELLS = re.compile(
    r"name|mail|phone|mobile|address|street|line[12]|city|zip|post|company|question|answer|note|text|description|comment|title"
    r"|message|org|province|user|canceled_by|value$|label|location|agenda|förnamn|felt|webpage|url|birth|ip$",
    re.IGNORECASE,
)
"""Names of fields that hold words about people, judged apart from what masks them."""
OURS = re.compile(r"propertyname|organisation_id|postal_id|^text$", re.IGNORECASE)
PEOPLE = re.compile(r"first_?name|last_?name|user_name|individual_name|e_?mail$", re.IGNORECASE)
NO_FIELDS = {"TOM", "d"}
"""A custom field of an account is called what its people call it; this one is a name as well. Webflow's old API has a single letter."""
FORMS = frozenset({"webflow", "gravity_forms", "contact_form_7"})
"""Of these a member is called as somebody called a question. It is masked as an answer is."""
QUESTION = re.compile(r"^[A-ZÅÄÖ]|[ ?]")
RUNS = re.compile(r"[^\W\d_]{3,}")


def leaves(value: Any, name: str = "") -> Iterator[tuple[str, Any]]:
    if isinstance(value, dict):
        for key, each in value.items():
            yield from leaves(each, key)
    elif isinstance(value, list):
        for each in value:
            yield from leaves(each, name)
    else:
        yield name, value


def shown(filed: Filed) -> Any:
    schemas = {
        place: schema_of(rule)
        for place, reading in enumerate(filed.readings)
        if isinstance(rule := rule_for(filed.connector, reading.type), Handles)
    }
    found = masked_body(filed.case.request.body, filed.connector.body, Masking(), lambda place: schemas.get(place or 0))
    assert found.kind == filed.connector.body
    return json.loads(found.text)


@pytest.mark.parametrize("filed", [each for each in REQUESTS if each.connector.body == "json"], ids=str)
def test_no_word_about_a_person_is_left_of_a_case(filed: Filed) -> None:
    document = json.loads(filed.case.request.body)
    masked = shown(filed)
    for (name, text), (_, left) in zip(leaves(document), leaves(masked), strict=True):
        if not isinstance(text, str) or not TELLS.search(name) or OURS.search(name):
            continue
        known = {run.lower() for run in RUNS.findall(text)} - set(COMMON)
        if is_private(text.rpartition("@")[2].lower()):
            known -= {run.lower() for run in RUNS.findall(text.rpartition("@")[2])}
        assert not known & {run.lower() for run in RUNS.findall(left)}, f"{name}: {text} is shown as {left}"


@pytest.mark.parametrize("filed", [each for each in REQUESTS if each.connector.body == "json"], ids=str)
def test_whoever_is_named_in_a_case_is_named_nowhere_in_it(filed: Filed) -> None:
    """Also not in an id, a link or a note."""
    document = json.loads(filed.case.request.body)
    called = [text for name, text in leaves(document) if PEOPLE.search(name) and isinstance(text, str)]
    known = {run.lower() for text in called for run in RUNS.findall(text.partition("@")[0])}
    for name, left in leaves(shown(filed)):
        if isinstance(left, str):
            assert not known & {run.lower() for run in RUNS.findall(left)}, f"{name}: {left}"


def test_members_and_numbers_stay_as_they_were_written() -> None:
    body = b'{"z": 1.10, "id": 9007199254740993, "a": 1e2, "name": "Bj\xc3\xb6rn Ek", "z": null, "ok": true, "none": {}, "list": []}'
    found = masked_body(body, "json", Masking())
    assert found.text == (
        '{\n  "z": 1.10,\n  "id": 9007199254740993,\n  "a": 1e2,\n  "name": "B•••• (8)",\n  "z": null,\n  "ok": true,'
        '\n  "none": {},\n  "list": []\n}'
    )
    assert (found.masked, found.whole) == (1, True)


@pytest.mark.parametrize(
    ("text", "seen"),
    [
        ("Åsa Öberg-Lind", "Å•••• (14)"),
        ("asa@oberg.se", "•@o•••.se"),
        ("asa.oberg@gmail.com", "•@gmail.com"),
        ("asa@oberg.example", "•@o•••.•••"),
        ("556677-8842", "556•••-••42"),
        ("070-174 06 05", "070-1•• •• 05".replace("1••", "•••")),
        ("417 07", "4•• ••"),
        ("Ek", "•••• (2)"),
        ("!?", "•••• (2)"),
    ],
)
def test_a_shape_tells_what_kind_of_text_it_was(text: str, seen: str) -> None:
    assert shape(text) == seen


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("id", "8a1f0c2e-1111-4222-8333-abcdefabcdef"),
        ("id", "evt_1Qx053NordljusAaBbCcDd"),
        ("order_id", "4711"),
        ("admin_graphql_api_id", "gid://shopify/Order/7012345678901"),
        ("type", "orders/paid"),
        ("financial_status", "partially_refunded"),
        ("changeSource", "2026-03-02T08:15:06Z"),
        ("currency", "SEK"),
        ("presentment_currency", "sek"),
        ("country_code", "SE"),
        ("total_price", "1047.00"),
        ("shipping_total", "-39.20"),
        ("unit_amount_decimal", "29900"),
        ("webhook-timestamp", "1772439300"),
        ("updated_at", "2026-03-02T09:15:03+01:00"),
        ("date", "2026-04-01"),
        ("api_version", "2025-03-31.basil"),
        ("state", "enabled"),
        ("propertyName", "hs_lastmodifieddate"),
        ("sku", "KAFFE-250"),
        ("articleNo", "7350012345678"),
    ],
)
def test_what_tells_of_nobody_stays(name: str, text: str) -> None:
    assert is_plain(name, text)


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("id", "anna@example.com"),
        ("id", "Anna Öberg"),
        ("id", "198503121234"),
        ("customer", "Anna Öberg"),
        ("type", "Anna Öberg"),
        ("type", "anna.svensson"),
        ("status", "anna"),
        ("topic", "orders/anna"),
        ("sku", "Anna"),
        ("sku", "850312-1234"),
        ("state", "Stockholm"),
        ("status", "ring 0701740605"),
        ("birth_date", "1985-03-12"),
        ("dateOfBirth", "1985-03-12"),
        ("tax_id", "850312-1234"),
        ("orgNo", "5566778842"),
        ("phone", "112"),
        ("number", "0701740605"),
        ("value", "0701740605"),
        ("nobody knows this", "ab"),
        ("", "ab"),
    ],
)
def test_whatever_may_tell_of_somebody_does_not(name: str, text: str) -> None:
    assert not is_plain(name, text)


def test_a_long_number_of_an_unknown_field_may_be_somebodys() -> None:
    body = b'{"telefon": 46701740605, "phone": 701740605, "hits": 100000, "occurredAt": 1772439300000, "value": 198503121234, "customer_id": 198503121234, "order_id": 7012345678901, "user_id": 8503121234, "guest_id": 503121234, "item_id": 7099123456}'
    masked = json.loads(masked_body(body, "json", Masking()).text)
    assert masked == {
        "telefon": "467••••••05",
        "phone": "701••••05",
        "hits": 100000,
        "occurredAt": 1772439300000,
        "value": "198•••••••34",
        "customer_id": "198•••••••34",
        "order_id": 7012345678901,
        "user_id": "850•••••34",
        "guest_id": "503••••34",
        "item_id": 7099123456,
    }


def test_a_member_that_is_called_like_a_person_is_masked() -> None:
    body = '{"asa@oberg.se": 1, "Vad heter du?": 2, "0701740605": 3, "förnamn": 4, "Anna": 5, "anna.svensson": 6, "orderÅsa": 7}'.encode()
    assert list(json.loads(masked_body(body, "json", Masking()).text)) == [
        "•@o•••.se",
        "V•••• (13)",
        "070•••••05",
        "förnamn",
        "A•••• (4)",
        "a•••• (13)",
        "o•••• (8)",
    ]


class Odd(Schema):
    frobnicates = fields.Integer()


def test_a_member_that_the_connector_declares_is_no_persons() -> None:
    body = b'{"frobnicates": 1, "annalisa": 2}'
    found = masked_body(body, "json", Masking(), lambda _: Odd())
    assert list(json.loads(found.text)) == ["frobnicates", "a•••• (8)"]


@pytest.mark.parametrize("filed", [each for each in REQUESTS if each.connector.body == "json"], ids=str)
def test_no_member_of_a_case_is_taken_for_a_person(filed: Filed) -> None:
    def names(value: Any) -> Iterator[str]:
        if isinstance(value, dict):
            yield from value
        for each in value.values() if isinstance(value, dict) else value if isinstance(value, list) else ():
            yield from names(each)

    masked = {name for name in names(json.loads(filed.case.request.body)) if Masking().name(name) != name}
    if filed.connector.name in FORMS:
        masked = {name for name in masked if not QUESTION.search(name)}
    assert masked <= NO_FIELDS, masked - NO_FIELDS


def test_a_form_is_masked_field_by_field_and_anything_else_as_a_whole() -> None:
    form = masked_body(b"email=asa%40oberg.se&order_id=4711&namn=%C3%85sa+%C3%96berg", "form", Masking())
    assert (form.kind, form.text) == ("form", "email = •@o•••.se\norder_id = 4711\nnamn = Å•••• (9)\n")
    for body in (b"Asa Oberg", b"\xff\xfe", b"[" * 100_000, b""):
        other = masked_body(body, "json", Masking())
        assert (other.kind, other.text, other.whole) == ("other", "", False)
    assert masked_body(b"\xff", "form", Masking()).kind == "other"


def test_a_long_body_is_cut_and_what_lies_behind_is_known_all_the_same() -> None:
    masking = Masking()
    body = json.dumps({"rows": [{"id": n} for n in range(20_000)], "name": "Åsa Öberg"}).encode()
    found = masked_body(body, "json", masking)
    assert (len(found.text), found.whole) == (MOST_SHOWN, False)
    assert masking.sentence("two of them are called Åsa Öberg") == "two of them are called Å•••• (9)"


def test_sentences_of_ours_name_nobody() -> None:
    masking = Masking()
    masked_body('{"customer": {"name": "Åsa Öberg"}, "stage": "Vunnen"}'.encode(), "json", masking)
    said = 'order: stage "Vunnen" is unknown, Åsa Öberg (asa@oberg.se, 070-174 06 05) since 2026-11-30 12:00:01 in account 3310'
    assert masking.sentence(said) == (
        'order: stage "Vunnen" is unknown, Å•••• (9) (•@o•••.se, 070-••• •• 05) since 2026-11-30 12:00:01 in account 3310'
    )
    assert masking.sentence(
        "links to account 'company:öberg', called ÅSA"
    ) == "links to account 'company:Ö•••• (5)', called •••• (3)".replace("Ö", "ö")
    assert masking.sentence("Sverige, Åsarp") == "Sverige, Åsarp"
    assert masking.sentence(None) is None


def test_a_type_that_is_no_name_of_one_is_shown_as_flower_shows_it() -> None:
    assert Masking().type("orders/paid") == "orders/paid"
    assert Masking().type("hej Åsa Öberg") == "…"
    assert Masking(masks=False).type("hej Åsa Öberg") == "hej Åsa Öberg"


def test_nothing_is_masked_for_who_asked() -> None:
    masking = Masking(masks=False)
    body = '{"name": "Åsa", "phone": 701740605}'.encode()
    assert json.loads(masked_body(body, "json", masking).text) == json.loads(body)
    assert masked_value({"name": "Åsa"}, "", masking) == {"name": "Åsa"}


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=20,
)


@given(JSON)
def test_any_body_can_be_shown_and_unmasked_it_is_what_came(document: Any) -> None:
    body = json.dumps(document).encode()
    assert json.loads(masked_body(body, "json", Masking(masks=False)).text) == document
    json.loads(masked_body(body, "json", Masking()).text)


@given(st.text(alphabet=st.characters(categories=("Lu", "Ll")), min_size=3), st.text(max_size=10))
def test_no_word_of_a_field_that_is_not_known_survives(word: str, name: str) -> None:
    masked = masked_value({f"x {name} x": word}, "", Masking())
    assert word not in str(list(masked.values()))


def test_an_address_of_which_a_word_is_known_is_hidden_whole() -> None:
    masking = Masking()
    masking.named.learn(parsed(b'{"email": "eva@kund.example", "company": "Example"}'))
    assert masking.sentence("no user has sales@example.com, nor eva@kund.example") == (
        "no user has •@e•••.com, nor •@k•••.•••"
    )
