"""Says which values of a payload tell of nobody: by look, and by the name of the field."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import lru_cache
from typing import Final, Literal, TypeAlias

from marshmallow import Schema, fields, validate

from worker.admin.field_words import listed, words_of
from worker.logs.machine_names import made_up
from worker.logs.masking import id_shown, is_civic, numbers_somebody

Kind: TypeAlias = Literal[
    "personal", "id", "type", "state", "currency", "country", "version", "amount", "time", "article", "unknown"
]


def _set(text: str) -> frozenset[str]:
    return frozenset(text.split())


PERSONAL: Final = _set(
    """name names firstname lastname surname fullname username nickname email mail emails phone phones telephone tel mobile cell fax
    address address1 address2 addresses street line1 line2 city town zip zipcode postcode postal post province region county birth
    birthday birthdate dob born ssn personnummer pnr civic passport org vat nin company employer note notes message comment text
    answer description body title contact ip avatar latitude longitude iban account gender"""
)
"""Of whatever look: nothing of these is plain."""
_NAMES: Final = _set("name names firstname lastname surname fullname username nickname email mail company")
_KNOWN: Final[Mapping[str, Kind]] = {
    "property name": "type",
    "account country": "country",
    "billing reason": "type",
    **dict.fromkeys(("article no", "article number", "artikelnummer", "artikelnr"), "article"),
}
"""Whole names that their words would judge wrongly."""
_LAST: Final[Mapping[str, Kind]] = {
    **dict.fromkeys(
        _set("id ids uuid guid customer invoice charge subscription refund order product intent item"), "id"
    ),
    **dict.fromkeys(_set("type types status kind mode topic object event flag interval"), "type"),
    **dict.fromkeys(_set("state"), "state"),
    **dict.fromkeys(_set("sku ean gtin barcode"), "article"),
    **dict.fromkeys(_set("currency"), "currency"),
    **dict.fromkeys(_set("country"), "country"),
    **dict.fromkeys(_set("version"), "version"),
    **dict.fromkeys(
        _set(
            """price total subtotal amount tax discount quantity rate cost fee sum percent percentage probability position count
            number decimal value quantities refunded captured due paid remaining"""
        ),
        "amount",
    ),
    **dict.fromkeys(_set("at on time date timestamp created updated modified gmt start end"), "time"),
}
_NO_ID: Final = _set("org vat tax ssn pnr civic national person personal email phone passport")
"""An id of these may be a person's own number."""
_AMOUNTS: Final = _set("price total subtotal amount tax discount quantity cost fee")
_CODED: Final[Mapping[str, Kind]] = {"currency": "currency", "country": "country"}

_STATES: Final = _set(
    "enabled disabled active inactive open closed paid pending draft done cancelled canceled complete completed new"
)
_TOKEN: Final = re.compile(r"(?!.*\d{5})(?:[a-z][a-z0-9]*(?:[._/:-][a-z0-9]+)*|[A-Z][A-Z0-9]*(?:_[A-Z0-9]+)*)")
_CAMEL: Final = re.compile(r"(?!.*\d{5})[a-z][A-Za-z0-9]*(?:[._/:-][A-Za-z0-9]+)*")
_GID: Final = re.compile(r"gid://[a-z]+/[A-Za-z]+/\d{1,20}")
_AMOUNT: Final = re.compile(r"[-+]?\d{1,12}(?:[.,]\d{1,12})?")
_NUMBER: Final = re.compile(r"\d{1,7}")
_TIME: Final = re.compile(r"(?:19|20)\d\d-\d\d-\d\d(?:[T ]\d\d:\d\d(?::\d\d(?:\.\d{1,9})?)?(?:Z|[+-]\d\d:?\d\d)?)?")
_VERSION: Final = re.compile(r"\d{1,4}(?:[.-]\w{1,12}){1,6}")
_SINCE_1970: Final = re.compile(r"1\d{9}|1\d{12}")
_FREE_NUMBER: Final = re.compile(r"-?\d{1,6}(?:\.\d{1,12})?(?:[eE][+-]?\d{1,2})?")
_CIVIC_DIGITS: Final = 10
"""A JSON number has lost its first zeros, as of who is born in 2005."""
_ARTICLE: Final = re.compile(r"(?=[^\d]*\d)[A-ZÅÄÖ0-9]+(?:[-._/][A-ZÅÄÖ0-9]+)*")
_LONGEST_ARTICLE: Final = 40
_LONGEST: Final = 80
_LONGEST_NAME: Final = 128
_ANYTHING: Final = _set("number value")
"""These hold amounts, and telephone numbers too: only short ones are plain."""


def names_somebody(name: str) -> bool:
    return not _NAMES.isdisjoint(words_of(name))


def kind_of(name: str) -> Kind:
    """What a field of this name holds. A name that is not known is `unknown`, and nothing but a time is plain in it."""
    # A sender chooses names: a long one is no field's, and is not remembered.
    return _kind_of(name) if len(name) <= _LONGEST_NAME else "personal"


@lru_cache(maxsize=4096)
def _kind_of(name: str) -> Kind:
    words = words_of(name)
    whole = " ".join(words)
    if whole in _KNOWN:
        return _KNOWN[whole]
    if len(words) > 1 and words[-1] in ("id", "ids") and not _NO_ID.intersection(words):
        return "id"
    if not words or _NO_ID.intersection(words) or PERSONAL.intersection(words):
        return "personal"
    if words[-1] == "code":
        return next((_CODED[word] for word in words if word in _CODED), "unknown")
    if words[-1] in _LAST:
        return _LAST[words[-1]]
    return "amount" if _AMOUNTS.intersection(words) else "unknown"


def is_plain(name: str, text: str, field: fields.Field[object] | None = None) -> bool:
    """Whether a text may be shown as it is. `field`: what the connector's schema says of it, where it says something."""
    if not text:
        return True
    kind = kind_of(name)
    if kind == "personal" or len(text) > _LONGEST:
        return False
    return _TIME.fullmatch(text) is not None or _looks(kind, name, text) or _typed(field, text)


def is_plain_number(name: str, spelled: str, field: fields.Field[object] | None = None) -> bool:
    """A number of six digits is nobody's. A longer one may be a telephone number or a civic number."""
    kind = kind_of(name)
    if kind == "id" and made_up(spelled) is None and is_civic(spelled.zfill(_CIVIC_DIGITS)):
        return False
    if kind == "personal":
        return sum(char.isdigit() for char in spelled) < 3
    counted = kind != "unknown" and words_of(name)[-1] not in _ANYTHING
    return counted or isinstance(field, fields.Number) or _FREE_NUMBER.fullmatch(spelled) is not None


def _looks(kind: Kind, name: str, text: str) -> bool:  # noqa: PLR0911 - one return a kind
    match kind:
        case "id":
            return made_up(text) is not None or _GID.fullmatch(text) is not None or _short_id(text)
        case "type":
            pattern = _CAMEL if name[:1].islower() and "property" in name.lower() else _TOKEN
            return pattern.fullmatch(text) is not None and listed(text)
        case "article":
            return is_article(text)
        case "state":
            return text in _STATES
        case "currency":
            return len(text) == 3 and text.isascii() and text.isalpha()
        case "country":
            return len(text) == 2 and text.isascii() and text.isupper()
        case "version":
            return _VERSION.fullmatch(text) is not None
        case "amount":
            pattern = _NUMBER if words_of(name)[-1] in _ANYTHING else _AMOUNT
            return pattern.fullmatch(text) is not None
        case "time":
            return _SINCE_1970.fullmatch(text) is not None
        case _:
            return False


def is_article(text: str) -> bool:
    """Whether it looks like the number of an article: no name is written in capitals with a digit in it."""
    return len(text) <= _LONGEST_ARTICLE and _ARTICLE.fullmatch(text) is not None and not numbers_somebody(text)


def _short_id(text: str) -> bool:
    """One that hides nothing from Flower either."""
    return any(char.isdigit() for char in text) and text.isascii() and id_shown(text) == text


def _typed(field: fields.Field[object] | None, text: str) -> bool:
    """Marshmallow knows what is an amount, and which words a text may be."""
    if isinstance(field, fields.Number):
        return _AMOUNT.fullmatch(text) is not None
    one_of = [each for each in (field.validators if field else ()) if isinstance(each, validate.OneOf)]
    return any(text in each.choices for each in one_of)


def field_of(schema: Schema | None, name: str) -> fields.Field[object] | None:
    """What a schema says of a member."""
    if schema is None:
        return None
    return schema.fields.get(name) or next((each for each in schema.fields.values() if each.data_key == name), None)


def schema_within(field: fields.Field[object] | None) -> Schema | None:
    """That of the objects that a member holds."""
    inner = field.inner if isinstance(field, fields.List) else field
    return inner.schema if isinstance(inner, fields.Nested) and isinstance(inner.schema, Schema) else None
