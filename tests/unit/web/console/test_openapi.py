"""The description says of each route what it is asked with."""

from __future__ import annotations

from typing import Any

from flask import Flask
from openapi_spec_validator import OpenAPIV31SpecValidator

from web.console.describe import Told, body
from web.console.openapi import document


def described(path: str, told: Told | None = None, method: str = "GET") -> dict[str, Any]:
    app = Flask("described")
    app.add_url_rule(f"/api/v1{path}", "view_name", lambda: "", methods=[method])
    made = document(app, {} if told is None else {"view_name": told})
    assert [str(error) for error in OpenAPIV31SpecValidator(made).iter_errors()] == []
    (operations,) = made["paths"].values()
    found: dict[str, Any] = operations[method.lower()] | {"path": next(iter(made["paths"]))}
    return found


def test_arguments_of_a_path_have_the_types_of_their_converters() -> None:
    found = described("/records/<int:account>/<resource>/<any(pause, 'ask-now'):what>")
    assert found["path"] == "/api/v1/records/{account}/{resource}/{what}"
    assert {each["name"]: each["schema"] for each in found["parameters"]} == {
        "account": {"type": "integer", "minimum": 0},
        "resource": {"type": "string", "minLength": 1},
        "what": {"enum": ["pause", "ask-now"]},
    }
    assert "404" in found["responses"]


def test_a_route_that_says_nothing_is_there_all_the_same() -> None:
    found = described("/things")
    assert found["summary"] == "View name"
    assert found["tags"] == ["things"]
    assert "404" not in found["responses"]


def test_what_changes_something_says_how_it_is_refused_and_that_it_takes_a_key() -> None:
    told = Told("Do it", status=202, body=body(["why"], why={"type": "string"}), key_needed=True)
    found = described("/things", told, "POST")
    assert found["requestBody"]["required"] is True
    assert {"202", "409", "412", "422"} <= found["responses"].keys()
    assert [(each["name"], each["required"]) for each in found["parameters"]] == [("Idempotency-Key", True)]


def test_a_body_that_may_be_left_out_is_not_required() -> None:
    assert described("/things", Told("Ask", body=body()), "POST")["requestBody"]["required"] is False


def test_a_download_is_a_text() -> None:
    content = described("/things", Told("Body", content="text/plain"))["responses"]["200"]["content"]
    assert content == {"text/plain": {"schema": {"type": "string"}}}
