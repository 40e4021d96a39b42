"""Says of a route of the admin API what it answers, beside the route itself."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

from web.console.parameters import Parameter

PREFIX = "/api/v1"
View = TypeVar("View", bound=Callable[..., Any])


@dataclass(frozen=True, slots=True)
class Told:
    """What is said of one route.

    `answer`: the type of what `wire.answer` is given; Any: whatever JSON is. `says`: of the answer. `query`: see `parameters`.
    `body`: JSON Schema of the body. `problems`: statuses besides those that each route can have. `key_needed`: see `idempotency.need_key`. `headers`: those that it reads besides.
    `also`: other statuses with the same answer.
    """

    summary: str
    answer: Any = Any
    status: int = 200
    says: str = "What was found"
    query: Sequence[Parameter] = ()
    body: Mapping[str, Any] | None = None
    problems: Collection[int] = ()
    content: str = "application/json"
    key_needed: bool = False
    headers: Sequence[Parameter] = ()
    also: Collection[int] = ()


def body(required: Sequence[str] = (), **properties: Mapping[str, Any]) -> Mapping[str, Any]:
    """Of a JSON object that has no other fields than these."""
    made = {"type": "object", "properties": properties, "additionalProperties": False}
    return made | ({"required": list(required)} if required else {})


class Described(dict[str, Told]):
    """By the endpoint of the route, blueprint and all."""

    def __init__(self, blueprint: str) -> None:
        super().__init__()
        self._blueprint = blueprint

    def tell(self, endpoint: str, told: Told) -> None:
        self[f"{self._blueprint}.{endpoint}"] = told

    def as_told(self, told: Told) -> Callable[[View], View]:
        """Decorates a view whose endpoint is its name, as Flask's own decorators make it."""

        def mark(view: View) -> View:
            self.tell(view.__name__, told)
            return view

        return mark
