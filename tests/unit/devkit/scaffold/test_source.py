"""Source text as it would be written by hand and laid out by ruff."""

from __future__ import annotations

import pytest

from worker.devkit.scaffold.files import registered
from worker.devkit.scaffold.naming import attribute, class_name, function_name, module_name, sentence, words
from worker.devkit.scaffold.source import Call, comment, import_line, laid_out, with_imports
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


def test_calls_are_laid_out_by_their_width() -> None:
    inner = Call("field", ('"' + "å" * 43 + '"',))
    assert laid_out(Call("f", ("a",), {"b": "c"})) == "f(a, b=c)"
    assert laid_out(Call("f", ("a",), exploded=True), "    ") == "f(\n        a,\n    )"
    assert laid_out(Call("joined", (inner, inner, Call("x"))), "    ", "x=").count("\n") == 2
    assert laid_out(Call("joined", (inner, inner, inner)), "    ", "x=").count("\n") == 4


def test_comments_are_wrapped() -> None:
    lines = comment("ord " * 60, "    ").splitlines()
    assert len(lines) > 1
    assert all(line.startswith("    # ord") and len(line) <= 110 for line in lines)


def test_imports_are_in_order_and_only_what_is_used() -> None:
    assert import_line("m", ["b", "C", "AB"]) == "from m import AB, C, b"
    source = '"""X."""\n\nfrom __future__ import annotations\n\nfrom a import b\n\nx = [one, Two]\n'
    offered = {"worker.z": ["one", "none"], "relay_x": ["Two"]}
    assert "from worker.z import one\n\nfrom relay_x import Two\n\nx" in with_imports(source, offered, own="relay_x")


def test_connector_is_registered_behind_the_others() -> None:
    once = registered(REGISTRY, "parking")

    assert "from worker.connectors import generic, parking, shopify\n" in once
    assert "OURS: tuple[Connector, ...] = (generic.connector, shopify.connector, parking.connector)\n" in once
    assert once.endswith('GROUP = "å"\n')


def test_long_registry_has_a_line_for_each() -> None:
    source = REGISTRY
    for name in ("acme_ett", "acme_två", "acme_tre"):
        source = registered(source, name)

    assert (
        "    shopify.connector,\n    acme_ett.connector,\n    acme_två.connector,\n    acme_tre.connector,\n)\n"
        in source
    )
