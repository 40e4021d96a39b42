"""Derives JSON Schema from the types that `web.console.wire` writes."""

from __future__ import annotations

import dataclasses
import types
from collections.abc import Collection, Iterable, Mapping
from datetime import datetime
from typing import Any, Literal, TypeVar, Union, get_args, get_origin, get_type_hints

from worker.plan import QualifiedKey

Schema = dict[str, Any]
SCALARS: Mapping[Any, Schema] = {
    str: {"type": "string"},
    bool: {"type": "boolean"},
    int: {"type": "integer"},
    float: {"type": "number"},
    type(None): {"type": "null"},
    datetime: {"type": "string", "format": "date-time"},
    QualifiedKey: {"type": "string", "description": "connection:resource:id"},
}


class Schemas:
    """Of one document. `components`: what was referred to until now, by name."""

    def __init__(self) -> None:
        self.components: dict[str, Schema] = {}
        self._named: dict[str, Any] = {}

    def of(self, kind: Any, known: Mapping[Any, Any] | None = None) -> Schema:
        """`known`: what the type variables of a generic dataclass stand for. Any is what JSON is."""
        kind = (known or {}).get(kind, kind)
        if kind in SCALARS:
            return SCALARS[kind]
        if kind is Any or kind is object or isinstance(kind, TypeVar):
            return {}
        origin, inner = get_origin(kind), get_args(kind)
        if origin in (Union, types.UnionType):
            return {"anyOf": [self.of(each, known) for each in inner]}
        if origin is Literal:
            return {"enum": list(inner)}
        return self._made_of(kind, origin or kind, inner, known)

    def _made_of(self, kind: Any, origin: Any, inner: tuple[Any, ...], known: Mapping[Any, Any] | None) -> Schema:
        if dataclasses.is_dataclass(origin):
            return self._dataclass(origin, inner)
        if isinstance(origin, type) and issubclass(origin, Mapping):
            return {"type": "object", "additionalProperties": self.of(inner[1] if inner else Any, known)}
        if origin is tuple and inner and inner[-1] is not Ellipsis:
            places = [self.of(each, known) for each in inner]
            return {"type": "array", "prefixItems": places, "minItems": len(places), "maxItems": len(places)}
        if isinstance(origin, type) and issubclass(origin, Collection | Iterable):
            return {"type": "array", "items": self.of(inner[0] if inner else Any, known)}
        raise TypeError(f"{kind} is written as JSON in no way that can be described")

    def _dataclass(self, origin: Any, inner: tuple[Any, ...]) -> Schema:
        name = self._name(origin) + "".join(f"_{_short(each)}" for each in inner)
        if name not in self.components:
            made: Schema = {"type": "object"}
            self.components[name] = made
            known = dict(zip(getattr(origin, "__parameters__", ()), inner, strict=False))
            hints = get_type_hints(origin)
            names = [each.name for each in dataclasses.fields(origin)]
            made["required"] = names
            made["properties"] = {each: self.of(hints[each], known) for each in names}
            if says := _says(origin):
                made["description"] = says
        return {"$ref": f"#/components/schemas/{name}"}

    def _name(self, origin: type) -> str:
        """Two modules of different rooms may have the same name, too."""
        name = component_name(origin)
        return name if self._named.setdefault(name, origin) is origin else f"{origin.__module__}.{origin.__name__}"


def component_name(kind: type) -> str:
    """Two rooms may have a Row each."""
    return f"{kind.__module__.rpartition('.')[2]}.{kind.__name__}"


def _short(kind: Any) -> str:
    if kind in SCALARS:
        return str(kind.__name__)
    inner = [each for each in get_args(kind) if each is not Ellipsis]
    if inner and isinstance(get_origin(kind), type):
        return "_".join([get_origin(kind).__name__, *map(_short, inner)])
    return component_name(kind) if isinstance(kind, type) else "".join(each for each in str(kind) if each.isalnum())


def _says(kind: type) -> str:
    """Its docstring; one that `dataclass` wrote repeats the fields."""
    says = kind.__doc__ or ""
    return "" if says.startswith(f"{kind.__name__}(") else " ".join(says.split())
