"""Describes what forms of a web site have in common: fields that their author named."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from marshmallow import fields, pre_load

from schemas.wire import Payload

ANSWERS = "(answers)"
"""No form calls a field so."""


class FormOfOwnNames(Payload):
    """What the schema does not know is an answer, under the name that the form's author gave it."""

    answers = fields.Dict(keys=fields.String(), values=fields.Raw(), data_key=ANSWERS)

    @pre_load
    def gather(self, payload: Any, **_: Any) -> Any:
        if not isinstance(payload, Mapping):
            return payload
        known = {field.data_key or name for name, field in self.fields.items()}
        found = {name: value for name, value in payload.items() if name not in known and is_said(value)}
        return {**{name: value for name, value in payload.items() if name in known}, ANSWERS: found}


def is_said(value: Any) -> bool:
    """Text, a number, a choice, or several of them: what a person can have answered."""
    return all(isinstance(each, str | int | float) for each in (value if isinstance(value, list) else [value]))
