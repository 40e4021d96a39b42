"""Source text that is right, and plain: ruff lays it out."""

from __future__ import annotations

import ast

import pytest

from worker.devkit.scaffold.files import registered
from worker.devkit.scaffold.naming import attribute, class_name, function_name, module_name, sentence, words
from worker.devkit.scaffold.source import call, comment, docstring, module
from worker.errors import ConfigError

REGISTRY = '''"""The connectors."""

from worker.sdk.connector import Connector
from worker.connectors import generic, shopify

OURS: tuple[Connector, ...] = (generic.connector, shopify.connector)

GROUP = "å"
'''


@pytest.mark.parametrize(
    ("name", "found"),
    [
        ("customerFirst_name", ("customer", "first", "name")),
        ("HTTPStatus", ("http", "status")),
        ("kund.ändrad", ("kund", "ändrad")),
        ("address1", ("address", "1")),
        ("", ()),
    ],
)
def test_names_are_words(name: str, found: tuple[str, ...]) -> None:
    assert words(name) == found


@pytest.mark.parametrize(
    ("event_type", "function", "of_class", "title"),
    [
        ("visit.booked", "visit_booked", "VisitBooked", "Visit booked"),
        ("orders/create", "orders_create", "OrdersCreate", "Orders create"),
        ("class", "class_", "Class", "Class"),
        ("404", "on_404", "N404", "404"),
        ("åka.hem", "aka_hem", "AkaHem", "Åka hem"),
        ("list", "list_", "List", "List"),
        ("…", "message", "Message", "…"),
    ],
)
def test_types_name_functions_classes_and_titles(event_type: str, function: str, of_class: str, title: str) -> None:
    assert (function_name(event_type), class_name(event_type), sentence(event_type)) == (function, of_class, title)


def test_names_of_their_own() -> None:
    assert function_name("a.b", ["a_b"]) == "a_b_"
    assert attribute("first-name", ["first_name"]) == "first_name_"
    assert [attribute(name) for name in ("fields", "class", "1", "_x", "load")] == [
        "fields_",
        "class_",
        "n1",
        "x",
        "load_",
    ]


@pytest.mark.parametrize("name", ["Acme", "acme parking", "class", "ångström", "", "1a", "a--b", "../x"])
def test_what_cannot_name_a_connector_is_refused(name: str) -> None:
    with pytest.raises(ConfigError, match="can't be a connector's name"):
        module_name(name)


def test_calls_are_on_one_line() -> None:
    assert call("f", "a", call("g"), b="c") == "f(a, g(), b=c)"


def test_first_line_may_hold_what_ends_a_string() -> None:
    for title in ('Ö "Kajen"', "C:\\å", '"""', "\\"):
        assert ast.literal_eval(docstring(title).strip()) == title


def test_comments_are_wrapped() -> None:
    lines = comment("ord " * 60, "    ").splitlines()
    assert len(lines) > 1
    assert all(line.startswith("    # ord") and len(line) <= 110 for line in lines)


def test_module_imports_only_what_it_uses() -> None:
    offered = {"worker.z": ["Two", "one", "none"], "a": ["b"], "m": ["header"]}

    source = module("Says X.", "# the header\nx = [one, Two, b()]\n", offered)

    assert source.startswith('"""Says X."""\n\nfrom __future__ import annotations\n\nfrom a import b\n')
    assert "\nfrom worker.z import Two, one\n\n\n# the header\n" in source
    assert "import header" not in source


def test_connector_is_registered_behind_the_others() -> None:
    once = registered(REGISTRY, "parking")

    assert "from worker.connectors import generic, parking, shopify\n" in once
    assert "OURS: tuple[Connector, ...] = (generic.connector, shopify.connector, parking.connector)\n" in once
    assert once.endswith('GROUP = "å"\n')
