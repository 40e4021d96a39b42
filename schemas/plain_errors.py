"""Defines fields that say in plain words what is wanted."""

from __future__ import annotations

from typing import Any

from marshmallow import fields

from schemas.wire import Text


def not_an_object(example: str | None = None) -> dict[str, str]:
    """For a schema. A field's messages are templates, a schema's are not."""
    return {"type": f"Not an object, such as {example}." if example else "Not an object, { }."}


def day(**kwargs: Any) -> fields.Date:
    return fields.Date(error_messages={"invalid": "Not a day, such as 2026-03-02."}, **kwargs)


def instant() -> fields.AwareDateTime:
    wanted = "Not a time with its zone, such as 2026-03-02T09:15:00+01:00."
    return fields.AwareDateTime(error_messages={"invalid": wanted, "invalid_awareness": wanted, "format": wanted})


def list_of(inner: fields.Field[Any], **kwargs: Any) -> fields.List[Any]:
    return fields.List(inner, error_messages={"invalid": "Not a list: put it in [ ]."}, **kwargs)


class When(Text):
    """A time as text, or as the number of seconds since 1970."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.metadata = {"type": ["string", "number"], **self.metadata}

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> str:
        if isinstance(value, int | float) and not isinstance(value, bool):
            value = str(value)
        return super()._deserialize(value, attr, data, **kwargs)
