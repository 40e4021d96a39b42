"""Finds in the answers of a form who gave them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal, TypeAlias, get_args

from worker.sdk.mapping.answers import fits, guessed
from worker.sdk.mapping.question_words import Asked

Kind: TypeAlias = Literal["short", "link", "hidden", "other"]
"""short: a short text, whose question may tell what it is. link: it may be the website. hidden: a field that nobody sees, called by a name.

other: it tells nothing by itself.
"""


@dataclass(frozen=True, slots=True)
class Answer:
    """`question`: as people saw it. `names`: what a setting may call it besides. `typed`: what the sender itself says that it tells."""

    question: str
    value: str
    kind: Kind = "short"
    names: frozenset[str] = frozenset()
    typed: str | None = None

    @property
    def called(self) -> frozenset[str]:
        return frozenset(map(name, (self.question, *self.names)))


def name(text: str) -> str:
    """As the settings and the sender are compared: marketers edit cases and blanks."""
    return " ".join(text.split()).casefold()


def chosen_target(answer: Answer, chosen: Mapping[str, str]) -> str | None:
    """What the settings say that the answer says. Several questions may say the same."""
    return next((what for question, what in chosen.items() if name(question) in answer.called), None)


def target(answer: Answer) -> str | None:
    """What the answer says by itself: by the sender's word, its name, or else its question."""
    if answer.typed:
        return answer.typed
    if answer.kind == "hidden":
        return next((what for what in get_args(Asked) if what == answer.question), None)
    if answer.kind == "other":
        return None
    what = guessed(answer.question, answer.value)
    return what if answer.kind == "short" or what == "website" else None


def said(answers: Sequence[Answer], chosen: Mapping[str, str]) -> dict[str, str]:
    """What the answers say. Settings count before the sender's word, this before hidden fields, these before guesses; then the first one counts."""
    claims: list[tuple[int, str, str]] = []
    for answer in answers:
        if what := chosen_target(answer, chosen):
            claims.append((0, what, answer.value))
        elif guess := target(answer):
            claims.append((1 if answer.typed else 2 if answer.kind == "hidden" else 3, guess, answer.value))
    claims.sort(key=lambda claim: (claim[1] == "email" and not fits("email", claim[2]), claim[0]))
    found: dict[str, str] = {}
    for _, what, value in claims:
        found.setdefault(what, value)
    return found


def shown(answers: Sequence[Answer], chosen: Mapping[str, str]) -> Sequence[tuple[str, str]]:
    """What people read: every question with its answer, but for what the settings leave out."""
    return [(each.question, each.value) for each in answers if chosen_target(each, chosen) != "skip"]
