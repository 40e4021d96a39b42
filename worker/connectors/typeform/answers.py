"""Shows each answer as text, and finds the answers that tell who the person is."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from schemas.wire import printable
from worker.connectors.typeform.settings import TARGETS


@dataclass(frozen=True, slots=True)
class Answer:
    """`names`: what a setting may call the question."""

    question: str
    value: str
    type: str
    names: frozenset[str]


TYPES: Mapping[str, str] = {"email": "email", "phone_number": "phone"}
"""Answer types that say what they are."""

WEBSITE = r"web ?site|web ?page|webbplats|hemsida|nettside|hjemmeside|verkkosivu"

TITLES: tuple[tuple[str, str], ...] = (
    ("first_name", r"first name|given name|förnamn|fornavn|etunimi"),
    ("last_name", r"last name|surname|family name|efternamn|etternavn|efternavn|sukunimi"),
    ("org_number", r"\borg\w*[ .-]*(nr|nummer|number)\b|\bcvr\b|y-tunnus"),
    ("company", r"company|compan(y|ies) name|företag|bolag|firma|virksomhe[dt]|selskap|yritys|organi[sz]ation"),
    ("title", r"job title|your (role|position)|befattning|yrkestitel|stilling|tehtävänimike"),
    ("email", r"\be-?mail|e-?post|sähköposti"),
    ("phone", r"\bphone|telefon|mobil|puhelin"),
    ("name", r"\b(full |your )?name\b|\b(ditt |dit )?na(m|v)n\b|\bnimi"),
)
"""Words in the title of a short text question, in English and the Nordic languages; the first that fits decides."""

SHOWN: Mapping[str, Callable[[Any], str]] = {
    "boolean": lambda yes: "Yes" if yes else "No",
    "number": lambda number: f"{number.normalize():f}",
    "choice": lambda one: one["label"] or one["other"] or "",
    "choices": lambda some: ", ".join(filter(None, [*(some["labels"] or ()), some["other"]])),
    "payment": lambda paid: f"{paid['amount'] or '?'}{' (failed)' if paid['success'] is False else ''}",
}
"""How values that are no text are shown."""


def answers(response: Mapping[str, Any]) -> Iterator[Answer]:
    questions = (response["definition"] or {}).get("fields_") or ()
    titles = {each["id"]: plain(each["title"] or "") for each in questions}
    for each in response["answers"] or ():
        asked, kind = each["field"], each["type"]
        value = each.get(kind) if kind != "field" else None
        title = titles.get(asked["id"]) or asked["ref"] or asked["id"]
        text = SHOWN.get(kind, str)(value) if value is not None else f"({kind})"
        if text:
            yield Answer(title, text, kind, frozenset({asked["id"], asked["ref"] or "", title.casefold()}))


def hidden(response: Mapping[str, Any]) -> Iterator[Answer]:
    """Hidden fields and URL parameters, such as `utm_source`."""
    for name, value in (response["hidden"] or {}).items():
        text = printable(str(value)) if isinstance(value, str | int | float) else ""
        if text:
            yield Answer(printable(name), text, "hidden", frozenset({name, name.casefold()}))


def target(answer: Answer, chosen: Mapping[str, str]) -> str | None:
    """What the answer says: as set, else by its type, else by its question."""
    for name, what in chosen.items():
        if name in answer.names or name.casefold() in answer.names:
            return what
    if answer.type == "hidden":
        return answer.question if answer.question in TARGETS else None
    if answer.type in TYPES:
        return TYPES[answer.type]
    if answer.type in ("text", "url") and re.search(WEBSITE, answer.question, re.IGNORECASE):
        return "website"
    if answer.type != "text":
        return None
    return next((what for what, words in TITLES if re.search(words, answer.question, re.IGNORECASE)), None)


def told(given: list[Answer], chosen: Mapping[str, str]) -> dict[str, str]:
    """What the answers say; the first one that says a thing counts."""
    found: dict[str, str] = {}
    for answer in given:
        if what := target(answer, chosen):
            found.setdefault(what, answer.value)
    return found


def plain(title: str) -> str:
    """A title without Typeform's asterisks for bold text."""
    return " ".join(title.replace("*", "").split())
