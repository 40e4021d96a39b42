"""Turns a natural key into Upsales's filters, and checks a found record against the key."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping, Sequence
from typing import TypeVar
from urllib.parse import quote

from schemas import phone_numbers
from schemas.composed import composed
from worker.errors import Rejected
from worker.plan import Match, Resource, bare_name, host
from worker.sync.matching import PHONE, agrees, fields_of
from worker.sync.records import Json
from worker.sync.view import custom_value

T = TypeVar("T")

Filters = list[tuple[str, str]]

LONGEST_QUERY = 6_000

WRITTEN = ("AB", "Aktiebolag", "AB (publ)", "HB", "KB", "AS", "A/S", "ApS", "Oy", "Oyj", "GmbH", "Ltd")
"""The legal forms as they are written behind a name."""
USUAL_FORM = {form.casefold(): form for form in WRITTEN}


def queries(match: Match, *, queried: bool, field: str | None = None) -> list[Filters]:
    """The filters of one list call or, where several spellings don't fit into one, of several. `field`: where it stands, if not where it says.

    `field=eq:value` is the documented form; its comma means "or", so a value with a comma of its own takes the JSON form.
    `src` finds a part of a text.
    """
    values, field = spellings(match), field or field_of(match)
    if match.within:
        return [[("q", _json({"a": field, "c": "src", "v": value}))] for value in values]
    if queried or any("," in value for value in values):
        return [[("q", json.dumps({"a": field, "c": "eq", "v": v}, ensure_ascii=False))] for v in values]
    return [[(field, f"eq:{','.join(part)}")] for part in parts(values, len_of=_encoded)]


def any_of(matches: Sequence[Match]) -> list[Filters]:
    """The filters of as few list calls as can be, for the records that carry any of the natural keys, in any spelling."""
    groups = [[{"a": field_of(match), "c": "eq", "v": value}] for match in matches for value in spellings(match)]
    asked = parts(groups, len_of=lambda group: _encoded(_json(group)))
    return [[("q", _json({"or": {"q": part}}))] for part in asked]


def parts(values: Sequence[T], *, len_of: Callable[[T], int]) -> list[list[T]]:
    """The values in groups that fit into a URL: proxies take eight kilobytes of one."""
    found: list[list[T]] = [[]]
    room = LONGEST_QUERY
    for value in values:
        if found[-1] and len_of(value) > room:
            found.append([])
            room = LONGEST_QUERY
        found[-1].append(value)
        room -= len_of(value)
    return found


def _encoded(text: str) -> int:
    return len(quote(text, safe=""))


def _json(value: Json) -> str:
    return json.dumps(value, ensure_ascii=False)


def field_of(match: Match) -> str:
    """The field of Upsales in which a natural key of a company stands."""
    return fields_of("account", match)[0]


def custom_queries(match: Match, field_id: int) -> list[Filters]:
    values = spellings(match)
    if any("," in value for value in values):
        raise Rejected("Upsales can't look a value with a comma up in a custom field: match by another field")
    return [[("custom", f"eq:{field_id}:{value}")] for value in values]


def spellings(match: Match) -> tuple[str, ...]:  # noqa: PLR0911 - one return a kind of natural key
    """The ways a value may be written in Upsales. Whether its search ignores case is not documented."""
    value = composed(match.value).strip()
    if match.field == "email":
        return tuple(dict.fromkeys((value.lower(), value, match.value.strip())))
    if match.field == "orgNo":
        return _org_numbers(value)
    if match.field == "webpage":
        return _web_pages(host(value))
    if match.field == "legalName":
        return _legal_names(value)
    if match.field == PHONE:
        return phone_numbers.spellings(value)
    if match.field == "name":
        return _names(value, match.value.strip())
    return tuple(dict.fromkeys((value, match.value.strip())))


def _org_numbers(value: str) -> tuple[str, ...]:
    """5999991234 and 599999-1234 are one Swedish company, and both spellings are in use."""
    bare = re.sub(r"[\s.,-]", "", value)
    dashed = f"{bare[:-4]}-{bare[-4:]}" if re.fullmatch(r"\d{10}", bare) else bare
    given = value.replace(",", "")
    return tuple(dict.fromkeys((bare, dashed, given)))


def _web_pages(page: str) -> tuple[str, ...]:
    """Upsales's search compares whole values, and people write web pages in these ways."""
    hosts = [f"{www}{name}" for name in dict.fromkeys((page, _punycode(page))) for www in ("", "www.")]
    return tuple(
        f"{scheme}{host}{slash}" for host in hosts for scheme in ("", "http://", "https://") for slash in ("", "/")
    )


def _punycode(page: str) -> str:
    try:
        return page.encode("idna").decode()
    except UnicodeError:
        return page


def _names(*told: str) -> tuple[str, ...]:
    """A name as told, with single blanks, in capitals, and with a capital at the beginning of each word or of the name.

    A legal form is written as usual. `title()` would write `Ann'S`.
    """
    single = " ".join(told[0].split())
    words = [USUAL_FORM.get(word.casefold(), word) for word in single.lower().split()]
    each = " ".join(word if word in WRITTEN else word[:1].upper() + word[1:] for word in words)
    first = " ".join(words)
    return tuple(dict.fromkeys((*told, single, single.upper(), each, first[:1].upper() + first[1:])))


def _legal_names(name: str) -> tuple[str, ...]:
    """A name with each of the legal forms, as they are usually written."""
    bare = bare_name(name)
    return tuple(dict.fromkeys((name, bare, *(f"{bare} {form}" for form in WRITTEN), f"AB {bare}")))


def carries(resource: Resource, record: Mapping[str, Json], match: Match, custom_field: int | None = None) -> bool:
    """Upsales may ignore a filter it doesn't know, and answer with anything: what it found is compared once more."""
    if custom_field is not None:
        return agrees(match, custom_value(record, custom_field))
    return any(agrees(match, record.get(name)) for name in fields_of(resource, match))
