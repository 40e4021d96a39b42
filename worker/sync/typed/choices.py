"""Converts values for fields whose options are given."""

from __future__ import annotations

import re
from collections.abc import Iterable

from schemas.composed import composed
from worker.plan import Value
from worker.sync.typed.field import Converted, CustomField, Fit, Misfit, plain
from worker.sync.typed.texts import text

SEPARATOR = ","
"""Between the options of a MultiSelect, as Upsales shows and takes them."""

MOST_NAMED = 10


def select(field: CustomField, value: Value) -> Converted:
    option = _option(field, plain(value))
    return _none_of(field, plain(value)) if option is None else text(field, option)


def choices(field: CustomField, value: Value) -> Converted:
    """Those that are options, in the order of the options. The others are left out."""
    told = _parts(field, value)
    found = {part: _option(field, part) for part in told}
    kept = {option for option in found.values() if option is not None and SEPARATOR not in option}
    strange = "; ".join(part for part, option in found.items() if option not in kept)
    if not kept:
        return _none_of(field, strange)
    ordered = SEPARATOR.join(option for option in field.options or told if option in kept)
    return Fit(ordered, _none_of(field, strange) if strange else None)


def _option(field: CustomField, told: str) -> str | None:
    """The option in its own spelling: the same, else the only one that is alike but for case and blanks."""
    if not field.options or told in field.options:
        return told
    found = {option for option in field.options if _folded(option) == _folded(told)}
    return found.pop() if len(found) == 1 else None


def _folded(told: str) -> str:
    return composed(" ".join(told.split()).casefold())


def _none_of(field: CustomField, told: str) -> Misfit:
    more = " …" if len(field.options) > MOST_NAMED else ""
    return Misfit(told, f"not one of {', '.join(field.options[:MOST_NAMED])}{more}")


def _parts(field: CustomField, value: Value) -> list[str]:
    """A list, or text with `;` or, where that makes options of it, a comma between them."""
    given = [plain(part) for part in value] if isinstance(value, tuple) else [plain(value)]
    parts = (piece for told in given for part in _split(field, told, ";\n") for piece in _by_comma(field, part))
    return list(dict.fromkeys(filter(None, parts)))


def _by_comma(field: CustomField, told: str) -> Iterable[str]:
    pieces = _split(field, told, SEPARATOR)
    return pieces if any(_option(field, piece) is not None for piece in pieces) else (told,)


def _split(field: CustomField, told: str, separators: str) -> list[str]:
    if field.options and _option(field, told) is not None:
        return [told]
    return [part.strip() for part in re.split(f"[{separators}]", told)]
