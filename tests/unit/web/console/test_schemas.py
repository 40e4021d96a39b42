"""Each type that the API writes is described as it is written."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Generic, Literal, TypeVar

import jsonschema
import pytest

from web.console.schemas import Schemas
from web.console.wire import answer
from worker.plan import QualifiedKey

T = TypeVar("T")
NOON = datetime(2026, 11, 30, 12, tzinfo=UTC)
KEY = QualifiedKey("butik", "order", "Å-1")


@dataclass(frozen=True)
class Inner:
    at: datetime | None
    key: QualifiedKey


@dataclass(frozen=True)
class Outer(Generic[T]):
    """What is known."""

    value: T | None
    many: Sequence[Inner]
    pair: tuple[str, int]
    by_name: Mapping[str, float]
    fate: Literal["dead", "review"]
    anything: Any


WHOLE = Outer[int](7, [Inner(NOON, KEY), Inner(None, KEY)], ("å", 1), {"a": 1.5}, "dead", {"x": [None]})


def document(kind: Any) -> dict[str, Any]:
    schemas = Schemas()
    made = schemas.of(kind)
    return {**made, "components": {"schemas": schemas.components}}


def written(value: Any) -> Any:
    return json.loads(answer(value).get_data())


@pytest.mark.parametrize(
    ("kind", "value"),
    [
        (Outer[int], WHOLE), (Sequence[Outer[int]], [WHOLE]), (Mapping[str, Inner], {"a": Inner(NOON, KEY)}),
        (frozenset[str], {"a"}), (bool, True), (str | None, None), (Any, [1]),
    ],
)  # fmt: skip
def test_what_is_written_fits(kind: Any, value: Any) -> None:
    jsonschema.Draft202012Validator(document(kind)).validate(written(value))


@pytest.mark.parametrize(
    "changes",
    [
        {"value": "sju"},
        {"many": [{"at": None}]},
        {"pair": ["å"]},
        {"by_name": {"a": "b"}},
        {"fate": "lost"},
        {"many": None},
    ],
)
def test_what_is_not_written_does_not_fit(changes: dict[str, Any]) -> None:
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.Draft202012Validator(document(Outer[int])).validate(written(WHOLE) | changes)


def test_a_dataclass_says_what_it_is_and_one_without_words_nothing() -> None:
    found = document(Outer[int])["components"]["schemas"]
    assert found["test_schemas.Outer_int"]["description"] == "What is known."
    assert "description" not in found["test_schemas.Inner"]
    assert list(found["test_schemas.Outer_int"]["properties"]) == [
        "value",
        "many",
        "pair",
        "by_name",
        "fate",
        "anything",
    ]


def test_what_can_not_be_written_is_refused() -> None:
    with pytest.raises(TypeError, match="in no way that can be described"):
        Schemas().of(bytes | complex)
