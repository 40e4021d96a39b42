"""Shows each answer as text, with what its type says that it tells."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from schemas.wire import printable
from worker.connectors.typeform.questions import Question, fallback_title, plain, questions
from worker.sdk.mapping import Answer, readable
from worker.sdk.mapping.lead_answers import Kind
from worker.sdk.mapping.question_words import Asked

TYPES: Mapping[str, Asked] = {"email": "email", "phone_number": "phone"}
"""Answer types that say what they are."""
PARTS: Mapping[str, Asked] = {
    "first_name": "first_name",
    "last_name": "last_name",
    "phone_number": "phone",
    "email": "email",
    "company": "company",
}
"""Parts of a contact block."""

SHOWN: Mapping[str, Callable[[Any], str]] = {
    "boolean": lambda yes: "Yes" if yes else "No",
    "number": lambda number: f"{number.normalize():f}",
    "choice": lambda one: one["label"] or one["other"] or "",
    "choices": lambda some: ", ".join(filter(None, [*(some["labels"] or ()), some["other"]])),
    "payment": lambda paid: f"{paid['amount'] or '?'}",
}
"""How values that are no text are shown."""
CHOSEN = frozenset({"choice", "choices"})
TELLING: Mapping[str, Kind] = {"text": "short", "url": "link"}
"""Types of answers whose question may say what they tell. A long text never does."""
NOTHING = Question("", "", "", "")


def given(response: Mapping[str, Any]) -> list[Answer]:
    """All that was told: answers, hidden fields, variables, in this order."""
    hidden, variables = list(_hidden(response)), list(_variables(response))
    asked = questions(response["definition"])
    values = [(each, _value(each, asked.get(each["field"]["id"], NOTHING))) for each in response["answers"] or ()]
    told = _told(values, hidden, variables)
    answers = [_answer(each, value, asked, told) for each, value in values if value]
    return [*answers, *hidden, *variables]


def title(response: Mapping[str, Any]) -> str:
    """The form's name."""
    return plain((response["definition"] or {}).get("title") or "", {}) or str(response["form_id"])


def end(response: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """Where the form led: the score, the outcome of a quiz, the last page."""
    score = (response["calculated"] or {}).get("score")
    if score is not None and "score" not in {each["key"] for each in response["variables"] or ()}:
        yield "Score", f"{score.normalize():f}"
    if outcome := (response["outcome"] or {}).get("title"):
        yield "Outcome", plain(outcome, {})
    last = response["ending"] or {}
    names = {last.get("id"), last.get("ref")} - {None}
    pages = (response["definition"] or {}).get("endings") or ()
    shown = last.get("title") or next((each["title"] for each in pages if {each["id"], each["ref"]} & names), None)
    if shown and (page := plain(shown, {})):
        yield "Ending", page


def _answer(each: Mapping[str, Any], value: str, asked: Mapping[str, Question], told: Mapping[str, str]) -> Answer:
    field, kind = each["field"], each["type"]
    question = asked.get(field["id"]) or asked.get(field["ref"] or "") or NOTHING
    shown = plain(question.title, told) or fallback_title(field["ref"])
    names = frozenset({field["id"], field["ref"] or "", plain(question.title, {})})
    typed = TYPES.get(kind) or (PARTS.get(question.part) if kind == "text" else None)
    long = "long_text" in (field["type"], question.type)
    telling = "other" if long else TELLING.get(kind, "other")
    return Answer(shown, plain(value, told) if kind in CHOSEN else value, telling, names, typed)


def _value(each: Mapping[str, Any], question: Question) -> str:
    kind = each["type"]
    value = each.get(kind) if kind != "field" else None
    if value is None:
        return f"({kind})"
    text = SHOWN.get(kind, str)(value)
    if kind == "payment":
        return f"{text} {question.currency}".strip() + (" (failed)" if value["success"] is False else "")
    return readable(text) if kind == "text" else text


def _told(
    values: Sequence[tuple[Mapping[str, Any], str]], hidden: Sequence[Answer], variables: Sequence[Answer]
) -> Mapping[str, str]:
    """What a reference in a title stands for."""
    said = {f"field:{each['field'][name]}": value for each, value in values for name in ("id", "ref") if value}
    return {
        **said,
        **{f"hidden:{each.question}": each.value for each in hidden},
        **{f"var:{each.question}": each.value for each in variables},
    }


def _hidden(response: Mapping[str, Any]) -> Iterator[Answer]:
    """Hidden fields and URL parameters, such as `utm_source`."""
    for name, value in (response["hidden"] or {}).items():
        text = printable(str(value)) if isinstance(value, str | int | float) else ""
        if text:
            yield Answer(printable(name), text, "hidden", frozenset({name}))


def _variables(response: Mapping[str, Any]) -> Iterator[Answer]:
    """What the form worked out, such as a price."""
    for each in response["variables"] or ():
        key, number = each["key"], each["number"]
        text = f"{number.normalize():f}" if number is not None else readable(each["text"] or "")
        if text:
            yield Answer(key, text, "other")
