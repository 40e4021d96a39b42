"""Reads the questions of a form, wherever they are nested, as people saw them."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from worker.sdk.mapping import answer_line, readable

REFERENCE = re.compile(r"\{\{\s*(\w+)\s*:\s*([^{}]*?)\s*\}\}|\{\{[^{}]*\}\}")
"""`{{field:…}}`, `{{hidden:…}}`, `{{var:…}}`: the place of what was said before."""
ITALICS = re.compile(r"(?<!\w)_([^_\n]+)_(?!\w)")
LEFT_OVER = re.compile(r"\s+([,.!?:;])")
OPENING = " ,.:;!-"
MADE_UP = re.compile(
    r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}|[0-9A-HJKMNP-TV-Z]{26}|(?=.*[0-9A-Z])[0-9A-Za-z]{12}"
)
"""References and ids that Typeform made up: nothing to show to people."""


@dataclass(frozen=True, slots=True)
class Question:
    """`part`: what a part of a contact block asks for, in Typeform's word."""

    title: str
    type: str
    part: str
    currency: str


def questions(definition: Mapping[str, Any] | None) -> Mapping[str, Question]:
    """All questions, by id and by reference."""
    found: dict[str, Question] = {}
    for each, above in _nested((definition or {}).get("fields_") or ()):
        title = each["title"] or ""
        if above is not None and above["type"] == "matrix":
            title = answer_line(above["title"] or "", title)
        currency = (each.get("properties") or {}).get("currency") or ""
        question = Question(title, each["type"] or "", each["subfield_key"] or "", currency)
        for name in filter(None, (each["ref"], each["id"])):
            found[name] = question
    return found


def _nested(some: Any, above: Any = None) -> Iterator[tuple[Any, Any]]:
    for each in some:
        yield each, above
        yield from _nested((each.get("properties") or {}).get("fields_") or (), each)


def plain(title: str, told: Mapping[str, str]) -> str:
    """A title on one line, without marks of bold and italic text. References show what was told, or are left out."""
    resolved = REFERENCE.sub(lambda found: " ".join(told.get(f"{found[1]}:{found[2]}", "").split()), title)
    shown = ITALICS.sub(r"\1", readable(resolved).replace("*", ""))
    tidy = LEFT_OVER.sub(r"\1", " ".join(shown.split()))
    return tidy.lstrip(OPENING) if resolved != title else tidy


def fallback_title(reference: str | None) -> str:
    """The reference of a question whose title is not told, if a person wrote it."""
    return "" if reference is None or MADE_UP.fullmatch(reference) else " ".join(re.split(r"[\s_]+", reference))
