"""Reads a list request's conditions, order and page, and runs them over an index."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from web.sandbox.answers import Json, Record, invalid
from web.sandbox.attributes import Attribute, Find, attribute
from web.sandbox.entities import Entity
from web.sandbox.filters import Condition, Test, from_json, from_parameter
from web.sandbox.index import SearchIndex
from web.sandbox.rules import is_open

LIMIT = 1000
MOST = 2000

NO_FILTERS = frozenset({"token", "limit", "offset", "sort", "sort[]", "q", "q[]", "f[]", "usingfirstnamelastname", "usepricelists"})  # fmt: skip


@dataclass(frozen=True, slots=True)
class Order:
    """One attribute to sort by."""

    attribute: Attribute
    descending: bool


@dataclass(frozen=True, slots=True)
class Query:
    """What a list request asks for."""

    tests: tuple[Test, ...]
    orders: tuple[Order, ...]
    limit: int
    offset: int
    open_only: bool = False


def read_query(entity: Entity, parameters: Iterable[tuple[str, str]]) -> Query:
    pairs = list(parameters)
    asked = [text for name, text in pairs if name.lower() in {"q", "q[]"}]
    if entity.needs_query and not asked:
        raise invalid("Missing required parameter: q")
    tests: list[Test] = [test for text in asked for test in from_json(entity, _json(text))]
    tests += _conditions(entity, pairs)
    orders = [_order(entity, text) for name, text in pairs if name.lower() in {"sort", "sort[]"}]
    numbers = dict(pairs)
    return Query(
        tuple(tests),
        tuple(orders),
        min(MOST, _whole(numbers.get("limit") if entity.paged else None, LIMIT)),
        _whole(numbers.get("offset"), 0),
        entity.open_only,
    )


def _conditions(entity: Entity, pairs: Sequence[tuple[str, str]]) -> Iterable[Condition]:
    return (from_parameter(entity, name, text) for name, text in pairs if name.lower() not in NO_FILTERS)


def run(query: Query, index: SearchIndex, find: Find) -> tuple[int, list[Record]]:
    """How many records fit, and those of the page asked for."""
    shown = index.all()
    fitting = [record for record in _candidates(query, index, shown) if all(t.holds(record, find) for t in query.tests)]
    if query.open_only:
        fitting = [record for record in fitting if is_open(record)]
    fitting.sort(key=lambda record: int(record["id"]))
    for order in reversed(query.orders):
        fitting = _sorted(fitting, order, find)
    return len(fitting), fitting[query.offset : query.offset + query.limit]


def _candidates(query: Query, index: SearchIndex, shown: Mapping[int, Record]) -> Iterable[Record]:
    """Narrow by the first equality the index can answer, so that big sandboxes stay quick."""
    for test in query.tests:
        if isinstance(test, Condition) and test.op == "eq" and test.attribute.local:
            found = index.equal(test.attribute, test.attribute.own_keys, test.keys())
            return [shown[record_id] for record_id in found]
    return shown.values()


def _sorted(records: list[Record], order: Order, find: Find) -> list[Record]:
    valued = [(next(iter(order.attribute.values(record, find)), None), record) for record in records]
    having = [(order.attribute.comparable(value), record) for value, record in valued if value is not None]
    having.sort(key=lambda pair: (pair[0] is not None, pair[0] if pair[0] is not None else 0), reverse=order.descending)
    return [record for _, record in having] + [record for value, record in valued if value is None]


def _order(entity: Entity, text: str) -> Order:
    """Read `id`, `-id` or `{"a": "id", "s": "D"}`."""
    if text.startswith("{"):
        data = _json(text)
        return Order(attribute(entity, str(data.get("a"))), data.get("s") == "D")
    return Order(attribute(entity, text.removeprefix("-")), text.startswith("-"))


def _json(text: str) -> Json:
    try:
        return json.loads(text)
    except ValueError:
        raise invalid("Invalid JSON in query") from None


def _whole(text: str | None, otherwise: int) -> int:
    return int(text) if text is not None and text.isdecimal() else otherwise
