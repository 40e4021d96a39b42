"""A person is recognised in whatever way an address is written, and nobody else is."""

from __future__ import annotations

import json
from urllib.parse import quote, urlencode

import pytest

from worker.store.privacy.person import Person, address_of, addresses_in

ANNA = Person(frozenset({"anna.öst@åkeri.se"}))
BO = Person(frozenset({"bo@exempel.se"}), frozenset({"Bo  Ek", "+46 (0)70-123 45 67", "Ek", "12"}))


@pytest.mark.parametrize(
    "text",
    [
        "anna.öst@åkeri.se",
        "Write to ANNA.ÖST@ÅKERI.SE.",
        "anna.o\N{COMBINING DIAERESIS}st@a\N{COMBINING RING ABOVE}keri.se",
        "anna.öst@xn--keri-qoa.se".replace("xn--keri-qoa", "åkeri".encode("idna").decode()),
        "<anna.öst@åkeri.se>",
        "'email:anna.öst@åkeri.se' of butik",
        json.dumps({"email": "anna.öst@åkeri.se"}),
        json.dumps("first\nanna.öst@åkeri.se"),
        '{"email": "anna.öst\\u0040åkeri.se"}',
        "/webhooks/x?to=" + quote("anna.öst@åkeri.se"),
        urlencode({"events": json.dumps([{"email": "anna.öst@åkeri.se"}])}),
        "text=" + urlencode({"": "write to anna.öst@åkeri.se"}),
        "anna.&ouml;st@&aring;keri.se",
        json.dumps({"raw": json.dumps({"text": "first\nanna.öst@åkeri.se"})}),
        "/webhooks/x?next=" + quote("https://exempel.se/?to=" + quote("anna.öst@åkeri.se"), safe=""),
        json.dumps({"html": "&lt;p&gt;anna.&amp;ouml;st@&amp;aring;keri.se"}),
    ],
)
def test_an_address_is_found_however_it_is_written(text: str) -> None:
    assert ANNA.named_in(text)
    assert ANNA.named_in_bytes(text.encode())


@pytest.mark.parametrize(
    "text",
    [
        None,
        "",
        "exempel.se",
        "info@exempel.se",
        "jobo@exempel.se",
        "jo.bo@exempel.se",
        "jo-bo@exempel.se",
        "tag+bo@exempel.se",
        "bo+tag@exempel.se",
        "bo@exempel.se.example.com",
        "bo@exempel.service",
        "bo@sub.exempel.se",
        "bo at exempel.se",
    ],
)
def test_neither_the_company_nor_somebody_alike_is_the_person(text: str | None) -> None:
    assert not BO.named_in(text)
    assert not BO.named_in_bytes((text or "").encode())


@pytest.mark.parametrize(
    "text", ["Ask Bo Ek.", "BO EK", "bo\nek", "ring +46701234567", "070-1234567", "(0)70 123 45 67"]
)
def test_names_and_numbers_that_a_record_held_tell_of_the_person(text: str) -> None:
    assert BO.told_in(text)
    assert not BO.named_in(text)


@pytest.mark.parametrize("text", ["Ek", "Bo Ekman", "Rambo Ek", "12", "4670123456", "467012345678"])
def test_what_is_too_short_or_goes_on_tells_nobody(text: str) -> None:
    assert not BO.told_in(text)


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "utf-32"])
def test_an_address_is_found_in_each_encoding_that_json_may_have(encoding: str) -> None:
    assert ANNA.named_in_bytes(json.dumps({"email": "anna.öst@åkeri.se"}, ensure_ascii=False).encode(encoding))


def test_bytes_that_are_no_text_are_looked_through() -> None:
    assert BO.named_in_bytes(b"\xff\xfe bo@exempel.se \x00")


@pytest.mark.parametrize("text", ["order:4711", "4711", "@", "bo@", "bo@exempel", "Bo Ek <bo@exempel.se>", ""])
def test_a_subject_is_no_address(text: str) -> None:
    assert address_of(text) is None


def test_an_address_is_compared_folded() -> None:
    assert address_of(" Bo@Exempel.SE\n") == "bo@exempel.se"


def test_a_subject_may_have_addresses_in_it() -> None:
    assert addresses_in("contact:email:Bo@Exempel.se") == {"bo@exempel.se"}
    assert addresses_in("person:bo%40exempel.se") == {"bo@exempel.se"}
    assert addresses_in("order:4711") == frozenset()


@pytest.mark.parametrize("sign", "+(")
def test_a_long_row_of_signs_is_looked_through_at_once(sign: str) -> None:
    """A million of them would take hours, if the time grew with their square."""
    assert not BO.told_in(sign * 1_000_000)
    assert BO.told_in(sign * 1_000_000 + "46701234567")


MOBILE = Person(frozenset(), numbers=frozenset({"+46701740605"}))


@pytest.mark.parametrize("typed", ["+46701740605", "070-174 06 05", "+46 (0)70 174 06 05", "tel:+46-70-174-06-05"])
def test_a_number_that_is_somebodys_own_names_them_however_it_is_typed(typed: str) -> None:
    body = json.dumps({"data": {"id": 1, "raw_digits": typed}})
    assert MOBILE.named_in(body)
    assert MOBILE.named_in_bytes(body.encode())


@pytest.mark.parametrize("other", ["", "+46701740606", "08-465 00 40", '{"id": 1740605}', "bo@exempel.se"])
def test_another_number_names_nobody(other: str) -> None:
    assert not MOBILE.named_in(other)
    assert not MOBILE.named_in_bytes(other.encode())
