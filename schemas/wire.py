"""Defines the fields that every sender's payload schema is made of.

The fields we use are typed, those we don't know pass.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from decimal import Decimal
from typing import Any, ClassVar

from marshmallow import EXCLUDE, Schema, ValidationError, fields, pre_load

from schemas.composed import composed

UNPRINTABLE = re.compile("[\x00-\x08\x0b-\x1f\x7f\u00ad\u200b\u200e\u200f\u202a-\u202e\u2060\u2066-\u2069\ufeff]")
"""Control characters but tab and newline, and what can't be seen and comes along with copied text: blanks without width,
soft hyphens, marks of the direction of writing. Nothing a person typed. Joiners stay: emoji and some scripts need them."""

LARGEST = 10**12
MOST_DIGITS = 12
MOST_DECIMALS = 40


def printable(text: str) -> str:
    """Letters composed (NFC): `å` as one character, also where macOS and some forms write it as two."""
    return UNPRINTABLE.sub("", composed(text)).strip()


class Needs(str):
    """The message of a payload that lacks all of several fields, of which it needs one."""

    __slots__ = ()


class Payload(Schema):
    """An optional field may be absent or null; either way it loads as None.

    `also_called`: other names of our fields, in small letters and without blanks, dashes and underscores. They are not read,
    but who uses one is told the right name.
    """

    also_called: ClassVar[Mapping[str, str]] = {}

    class Meta:
        unknown = EXCLUDE

    def on_bind_field(self, field_name: str, field_obj: fields.Field[Any]) -> None:
        if not field_obj.required:
            field_obj.allow_none = True
            field_obj.load_default = None
        super().on_bind_field(field_name, field_obj)


class ByTopic(Payload):
    """A body whose type stands in a header that no signature covers: it must not have what only another kind of thing has.

    Otherwise whoever saw one signed request could send its body under another type. `foreign`: fields, and whose they are.
    """

    foreign: ClassVar[Mapping[str, str]] = {}

    @pre_load
    def fits_the_topic(self, payload: Any, **_: Any) -> Any:
        found = (self.foreign[name] for name in payload if name in self.foreign) if isinstance(payload, Mapping) else ()
        if kind := next(iter(found), None):
            raise ValidationError(f"the topic and the body do not fit: this is {kind}")
        return payload


class Text(fields.String):
    """Trimmed text without control characters. Blank is as good as absent."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        if self.required:
            self.metadata = {"minLength": 1, **self.metadata}

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> str:
        text = printable(super()._deserialize(value, attr, data, **kwargs))
        if self.required and not text:
            raise self.make_error("required")
        return text


class Id(Text):
    """A sender's id: text, or a whole number, which becomes text."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.metadata = {"type": ["string", "integer"], **self.metadata}

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> str:
        if isinstance(value, int) and not isinstance(value, bool):
            value = str(value)
        return super()._deserialize(value, attr, data, **kwargs)


def plausible(amount: Decimal) -> None:
    """Looks at the exponent first: `1e999999999` is short to write, and no memory holds its digits."""
    exponent = amount.as_tuple().exponent
    within = (
        isinstance(exponent, int) and -MOST_DECIMALS <= exponent <= MOST_DIGITS and amount.adjusted() <= MOST_DIGITS
    )
    if not within or abs(amount) > LARGEST:
        raise ValidationError("Not a plausible amount.")


class Amount(fields.Decimal):
    """Money or a quantity, as number or text; never NaN, never beyond what a CRM could mean."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.metadata = {"type": ["number", "string"], "pattern": r"^-?\d+(\.\d+)?$", **self.metadata}

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> Decimal:
        """A validator of the field may count on it."""
        amount: Decimal = super()._deserialize(value, attr, data, **kwargs)
        plausible(amount)
        return amount


class Money(Amount):
    """An amount of a shop. Blank is none; where one is needed, zero."""

    def deserialize(self, value: Any, *args: Any, **kwargs: Any) -> Any:
        if isinstance(value, str) and not value.strip():
            value = "0" if self.required else None
        return super().deserialize(value, *args, **kwargs)


class Passing(fields.Field[Any]):
    """A field that no record depends on: what it can't mean is as good as absent."""

    def deserialize(self, value: Any, *args: Any, **kwargs: Any) -> Any:
        try:
            return super().deserialize(value, *args, **kwargs)
        except ValidationError:
            if self.required:
                raise
            return None


class Words(Passing, Id):
    """Text that a person reads; a number becomes text."""


class Flag(Passing, fields.Boolean):
    pass


class Moment(Passing, fields.AwareDateTime):
    pass


class One(fields.Nested):
    """An object. PHP writes an empty one as `[]`; blank and false are none, too."""

    def deserialize(self, value: Any, *args: Any, **kwargs: Any) -> Any:
        return super().deserialize(value if value or self.required else None, *args, **kwargs)


class Many(fields.List[Any]):
    """A list of objects. PHP writes one with gaps as an object."""

    def __init__(self, of: type[Schema], **kwargs: Any) -> None:
        super().__init__(fields.Nested(of), **kwargs)

    def deserialize(self, value: Any, *args: Any, **kwargs: Any) -> Any:
        if isinstance(value, Mapping):
            value = list(value.values())
        elif not value and not self.required:
            value = None
        return super().deserialize(value, *args, **kwargs)


class Extras(Passing, Many):
    """A list of objects that no amount depends on: what is no object in it is left out."""

    def deserialize(self, value: Any, *args: Any, **kwargs: Any) -> Any:
        parts = value.values() if isinstance(value, Mapping) else value if isinstance(value, list) else ()
        return super().deserialize([part for part in parts if isinstance(part, Mapping)], *args, **kwargs)
