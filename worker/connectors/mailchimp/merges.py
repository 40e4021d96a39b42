"""Reads the merge tags of an audience as answers of the member."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from worker.sdk.mapping import Answer

TAGS: Mapping[str, tuple[str, str | None]] = {
    "FNAME": ("First name", "first_name"),
    "LNAME": ("Last name", "last_name"),
    "PHONE": ("Phone", "phone"),
    "COMPANY": ("Company", "company"),
    "ADDRESS.addr1": ("Street", "street"),
    "ADDRESS.zip": ("Postal code", "zipcode"),
    "ADDRESS.city": ("City", "city"),
    "ADDRESS.country": ("Country", "country"),
    "INTERESTS": ("Interests", None),
    "GROUPS": ("Groups", None),
}
"""What Mailchimp itself calls so, and what it says of a member. All other tags are the audience's own."""
GROUPS = ("INTERESTS", "GROUPS")
COMMA = re.compile(r"(?<!\\),")
"""One that stands in a name has a backslash before it."""


def answers(member: Mapping[str, Any]) -> Iterator[Answer]:
    """Settings may call a tag by its name alone, or by its audience's id and its name: `a6b5da1054.MMERGE3`."""
    yield Answer("Email", member["email"] or "", "other", typed="email")
    for tag, text in _told(member["merges"] or {}):
        if text and tag != "EMAIL":
            question, what = TAGS.get(tag, (tag, None))
            yield Answer(question, text, "other", frozenset({tag, f"{member['list_id']}.{tag}"}), what)


def _told(merges: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """An address has parts."""
    for tag, value in merges.items():
        if isinstance(value, Mapping):
            yield from ((f"{tag}.{part}", _text(inner)) for part, inner in value.items())
        else:
            yield tag, "; ".join(groups(_text(value))) if tag in GROUPS else _text(value)


def groups(text: str) -> list[str]:
    """The names of groups, which are joined by commas."""
    return [name for each in COMMA.split(text) if (name := each.replace("\\,", ",").strip())]


def _text(value: Any) -> str:
    """Of a list or an object nothing is known."""
    return str(value).strip() if isinstance(value, str | int | float) and not isinstance(value, bool) else ""
