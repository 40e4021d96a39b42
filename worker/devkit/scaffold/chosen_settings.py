"""Chooses what can be set for connections of a new connector."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from worker.devkit.scaffold.guess import Guesses
from worker.devkit.scaffold.source import STEP, call, quoted

PHONES = frozenset({"phone", "cell_phone"})


@dataclass(frozen=True, slots=True)
class Setting:
    """`default`: as code; None for a setting that is needed. `shown`: the default, for people."""

    name: str
    doc: str
    kind: str = "str"
    default: str | None = None
    shown: str = "*needed*"


def chosen(guesses: Guesses, title: str) -> Iterator[Setting]:
    """Answers the settings that the mappings use."""
    yield Setting("owner", "e-mail address of the Upsales user who owns what is made")
    company = f"{title} customers"
    doc = "company that takes what names no company of its own"
    yield Setting("fallback_company", doc, default=quoted(company), shown=f"`{company}`")
    if guesses.source and guesses.source.lines:
        yield Setting("fallback_product", "article number of the product for rows that Upsales has none for")
        doc = "stage of new orders: a name, or a probability such as `90%`"
        yield Setting("stage", doc, default=quoted("100%"), shown="`100%`")
    elif not all(each.about_person for each in guesses.types):
        doc = "name of the activity type; without it the first one"
        yield Setting("activity_type", doc, "str | None", "None", "the first one")
    said = [guesses.source.said] if guesses.source else [each.meanings for each in guesses.types]
    if any(PHONES & each.keys() for each in said):
        doc = "country of phone numbers without a country code"
        yield Setting("phone_region", doc, default=quoted("SE"), shown="`SE`")


def settings_class(guesses: Guesses, title: str) -> str:
    lines = [f"{STEP}{each.name}: {each.kind} = {_code(each)}\n" for each in chosen(guesses, title)]
    return f"@dataclass(frozen=True, slots=True, kw_only=True)\nclass Settings:\n{''.join(lines)}"


def _code(each: Setting) -> str:
    if each.default is None:
        checked = {"validate": "validate.Email()"} if each.name == "owner" else {}
        return call("setting", doc=quoted(each.doc), **checked)
    return call("setting", each.default, doc=quoted(each.doc))
