"""Bodies are read as their senders write them, and only their secrets are hidden."""

from __future__ import annotations

import json
from dataclasses import replace
from urllib.parse import urlencode

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.senders import ACME
from worker.sdk.body import document, hidden
from worker.sdk.body.brackets import closed
from worker.sdk.body.multipart import written as parts_written
from worker.sdk.body.xml import written as xml_written
from worker.sdk.connector import BodyKind, Connector, each_in
from worker.sdk.read import BadBody, parsed

PARTS = (
    b'--gr\xc3\xa4ns\r\nContent-Disposition: form-data; name="x"\r\n\r\n1\r\n--gr\xc3\xa4ns--\r\n',
    b'--b\r\nContent-Disposition: form-data; name="x"\r\n\r\n1\r\n',
    b"--b\r\nno head\r\n--b--\r\n",
    b"--b\r\nContent-Disposition: form-data\r\n\r\n1\r\n--b--\r\n",
    b"",
)
BOMB = b'<!DOCTYPE x [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;">]><x>&b;</x>'
STRANGE = b'<!DOCTYPE x SYSTEM "file:///etc/passwd"><x/>'


def of_kind(kind: BodyKind, json_fields: tuple[str, ...] = (), secret_fields: tuple[str, ...] = ()) -> Connector:
    return replace(ACME, body=kind, json_fields=json_fields, secret_fields=secret_fields)


def test_form_with_parts_is_read_by_its_first_line() -> None:
    body = (
        b'--b7\r\nContent-Disposition: form-data; name="email"\r\n\r\nasa@akeri.example\r\n'
        b'--b7\r\nContent-Disposition: form-data; name="tag"\r\n\r\nen\r\nrad\r\n'
        b'--b7\r\nContent-Disposition: form-data; name="tag"\r\n\r\ntv\xc3\xa5\r\n'
        b'--b7\r\nContent-Disposition: form-data; name="cv"; filename="cv.pdf"\r\nContent-Type: application/pdf\r\n\r\n\xff\x00\r\n'
        b"--b7--\r\n"
    )

    assert document("multipart", body) == {
        "email": "asa@akeri.example",
        "tag": ["en\r\nrad", "två"],
        "cv": {"filename": "cv.pdf", "size": 2},
    }


@pytest.mark.parametrize("body", PARTS)
def test_what_is_no_form_with_parts_is_a_bad_body(body: bytes) -> None:
    with pytest.raises(BadBody, match="the body is not a form with parts"):
        parsed(of_kind("multipart"), body)


@pytest.mark.parametrize("kind", ["form", "multipart"])
def test_field_of_a_form_that_holds_json_is_read_as_such(kind: BodyKind) -> None:
    fields = {"document_id": "7", "document_json": '{"parties": [{"name": "Åsa"}]}'}
    body = urlencode(fields).encode() if kind == "form" else parts_written(fields)

    assert document(kind, body, ("document_json",)) == {
        "document_id": "7",
        "document_json": {"parties": [{"name": "Åsa"}]},
    }


def test_field_that_should_hold_json_and_does_not_is_a_bad_body() -> None:
    with pytest.raises(BadBody):
        parsed(of_kind("form", json_fields=("document_json",)), b"document_json=%7B")


def test_what_is_nested_in_a_form_is_read_as_php_wrote_it() -> None:
    told = {
        "form": {"id": "7f3a", "name": "Boka möte"},
        "fields": {"name": {"value": "Åsa"}, "chosen": {"value": "A, B", "raw_value": ["A", "B"]}},
        "Pris [kr]": "10",
    }
    body = urlencode(closed(told, ("form", "fields"))).encode()

    assert b"fields%5Bchosen%5D%5Braw_value%5D%5B1%5D=B" in body
    assert document("form", body, bracketed=("form", "fields")) == told


@pytest.mark.parametrize(
    ("body", "read"),
    [
        (b"a[]=1&a[]=2", {"a": ["1", "2"]}),
        (b"a[]=1", {"a": ["1"]}),
        (b"a[x=1", {"a[x": "1"}),
        (b"a[x]=1&a=2&a[x][y]=3", {"a": {"x": {"y": "3"}}}),
        (b"b[x]=1", {"b[x]": "1"}),
        (b"a" + b"[x]" * 9 + b"=1", {"a" + "[x]" * 9: "1"}),
    ],
)
def test_name_with_brackets_is_opened_where_the_connector_says_so(body: bytes, read: object) -> None:
    assert document("form", body, bracketed=("a",)) == read


def test_xml_is_read_by_the_names_of_its_elements() -> None:
    body = """<?xml version="1.0" encoding="iso-8859-1"?>
    <o:order xmlns:o="urn:o" id="7"><line sku="Å-1">Pump</line><line>Slang</line><note/><to><name>Åsa</name></to></o:order>"""

    assert document("xml", body.encode("latin-1")) == {
        "order": {
            "@id": "7",
            "line": [{"@sku": "Å-1", "#text": "Pump"}, "Slang"],
            "note": "",
            "to": {"name": "Åsa"},
        }
    }


@pytest.mark.parametrize("body", [BOMB, STRANGE, b"<x>", b"", b"{}", b"<x>" * 5000 + b"</x>" * 5000])
def test_xml_with_a_document_type_or_none_at_all_is_a_bad_body(body: bytes) -> None:
    with pytest.raises(BadBody, match="the body is not XML"):
        parsed(of_kind("xml"), body)


@settings(deadline=None, derandomize=True, database=None)
@given(body=st.binary(max_size=200), kind=st.sampled_from(["multipart", "xml", "form"]))
def test_door_is_total(body: bytes, kind: BodyKind) -> None:
    try:
        json.dumps(parsed(replace(of_kind(kind, json_fields=("x",)), bracketed=("y",)), body))
    except BadBody:
        return


@pytest.mark.parametrize("kind", ["form", "multipart"])
def test_secrets_in_a_form_are_hidden_also_inside_its_json(kind: BodyKind) -> None:
    fields = {"token": "hemligt", "note": "å+b", "json": '{"access": {"token": "hemligt", "n": 1.10}, "x": "y"}'}
    body = urlencode(fields).encode() if kind == "form" else parts_written(fields)
    connector = of_kind(kind, json_fields=("json",), secret_fields=("token",))

    left = hidden(connector, body, lambda secret: f"***{len(secret)}")

    assert b"hemligt" not in left
    assert b"1.10" in left
    assert parsed(connector, left) == {
        "token": "***7",
        "note": "å+b",
        "json": {"access": {"token": "***7", "n": 1.1}, "x": "y"},
    }


def test_form_whose_json_holds_no_secret_keeps_its_bytes() -> None:
    body = b"json=%7B%22a%22%3A1%7D&x=%20"
    connector = of_kind("form", json_fields=("json",), secret_fields=("token",))

    assert hidden(connector, body, lambda _: "***") == body


def test_secrets_in_xml_are_hidden() -> None:
    told = {"order": {"@key": "hemligt", "auth": {"token": "hemligt"}, "token": "Åsa"}}
    connector = of_kind("xml", secret_fields=("auth.token", "@key"))

    left = hidden(connector, xml_written(told), lambda _: "***")

    assert parsed(connector, left) == {"order": {"@key": "***", "auth": {"token": "***"}, "token": "Åsa"}}


def test_events_in_an_array_keep_what_stands_around_them() -> None:
    body = {
        "object": "page",
        "entry": [
            {"id": "1", "changes": [{"value": "a"}, {"value": "b"}]},
            {"id": "2", "changes": [{"value": "c"}]},
        ],
    }

    assert each_in("entry.changes")(body) == (
        {"object": "page", "entry": {"id": "1", "changes": {"value": "a"}}},
        {"object": "page", "entry": {"id": "1", "changes": {"value": "b"}}},
        {"object": "page", "entry": {"id": "2", "changes": {"value": "c"}}},
    )


@pytest.mark.parametrize("body", [{}, [], 5, {"entry": 1}, {"entry": {}}, {"entry": [{"id": 1}]}])
def test_body_without_the_array_is_one_event_or_none(body: object) -> None:
    assert len(each_in("entry.changes")(body)) <= 1
