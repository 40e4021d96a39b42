"""Defines a connector's settings as a dataclass, and fills it from a table of relay.toml."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterator, Mapping
from dataclasses import MISSING, Field, dataclass, field, fields
from functools import cache
from types import NoneType, UnionType
from typing import Any, Literal, TypeVar, Union, get_args, get_origin, get_type_hints

from marshmallow import RAISE, Schema, ValidationError, validate
from marshmallow import fields as wire

from worker.errors import ConfigError, did_you_mean

Settings = TypeVar("Settings", bound=Hashable)


def setting(
    default: Any = MISSING,
    *,
    doc: str,
    validate: Callable[[Any], Any] | None = None,
    custom_fields: Literal["in keys", "in values", "of contacts"] | None = None,
) -> Any:
    """A field of a settings dataclass; required without a default. `validate` (of marshmallow) looks at each text of the value.

    `custom_fields`: of a table that names aliases of custom fields, where their kind of record stands: `"deal.size" = "SIZE"`, or
    `"size" = "contact.SIZE"`. Or of a text that may be `custom.SIZE`, a field of contacts. `relay doctor` looks for them in Upsales.
    """
    metadata = {"doc": doc, "validate": validate, "custom_fields": custom_fields}
    if isinstance(default, Mapping):
        return field(default_factory=lambda: dict(default), metadata=metadata)
    return field(default=default, metadata=metadata)


@dataclass(frozen=True, slots=True)
class Described:
    """One setting, as documentation tells it."""

    name: str
    doc: str
    required: bool
    default: Any


def describe(cls: type[Any]) -> Iterator[Described]:
    for each in fields(cls):
        yield Described(each.name, each.metadata["doc"], _required(each), None if _required(each) else _default(each))


def load_settings(cls: type[Settings], table: Mapping[str, Any], where: str) -> Settings:
    """The settings of a table. `where` names the table in the error: `[connections.shop]`."""
    try:
        loaded = _schema(cls).load(table)
    except ValidationError as error:
        name, problem = _first(error.messages)
        hint = "" if name in table else _hint(cls, name)
        raise ConfigError(_explained(cls, name, f"{problem.rstrip('.')}{hint}", where)) from None
    return cls(**loaded)


@cache
def _schema(cls: type[Any]) -> Schema:
    types = get_type_hints(cls)
    known = {each.name: _wire_field(types[each.name], each) for each in fields(cls)}

    class Strict(Schema):
        class Meta:
            unknown = RAISE

    return Strict.from_dict(known)()


def _wire_field(annotation: Any, declared: Field[Any]) -> wire.Field[Any]:
    check = declared.metadata["validate"]
    built = _of_type(annotation, [check] if check else [])
    built.required = _required(declared)
    return built


def _of_type(annotation: Any, checks: list[Any]) -> wire.Field[Any]:
    origin, arguments = get_origin(annotation), get_args(annotation)
    if origin in (Union, UnionType):
        (inner,) = (each for each in arguments if each is not NoneType)
        built = _of_type(inner, checks)
        built.allow_none = True
        return built
    if origin is Literal:
        return wire.String(validate=validate.OneOf(arguments))
    if origin is tuple:
        return _Tuple(_of_type(arguments[0], checks))
    if origin is Mapping:
        return wire.Dict(keys=wire.String(), values=_of_type(arguments[1], checks))
    return _SCALARS[annotation](checks)


class _Tuple(wire.List[Any]):
    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> Any:
        return tuple(super()._deserialize(value, attr, data, **kwargs))


_SCALARS: Mapping[Any, Callable[[list[Any]], wire.Field[Any]]] = {
    str: lambda checks: wire.String(validate=[validate.Length(min=1), *checks]),
    int: lambda checks: wire.Integer(strict=True, validate=checks),
    bool: lambda checks: wire.Boolean(truthy={True}, falsy={False}, validate=checks),
}


def _required(declared: Field[Any]) -> bool:
    return declared.default is MISSING and declared.default_factory is MISSING


def _default(declared: Field[Any]) -> Any:
    return declared.default if declared.default_factory is MISSING else declared.default_factory()


def _first(messages: Any) -> tuple[str, str]:
    """The dotted name and the message of one error, always the same one."""
    path: list[str] = []
    while isinstance(messages, dict):
        step = min(messages, key=str)
        if step not in ("key", "value"):  # how marshmallow tells which half of a mapping's entry is wrong
            path.append(str(step))
        messages = messages[step]
    return ".".join(path), str(messages[0] if isinstance(messages, list) else messages)


def _explained(cls: type[Any], name: str, problem: str, where: str) -> str:
    known = [each.name for each in fields(cls)]
    if name in known or name.partition(".")[0] in known:
        return f"{where} {name}: {problem}"
    return f"{where} {name}: no such setting; {did_you_mean(name, known)}"


def _hint(cls: type[Any], name: str) -> str:
    """What a missing setting is for."""
    docs = {each.name: each.doc for each in describe(cls) if each.required}
    return f" ({docs[name]})" if name in docs else ""
