"""Reads what was answered in a form of LinkedIn, by the questions that the form has."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from worker.sdk.mapping import Answer, readable
from worker.sdk.mapping.lead_fields import Asked, lead_answers, words

PROFILE = ("https://www.linkedin.com/in/", "https://linkedin.com/in/", "linkedin.com/in/", "www.linkedin.com/in/")


def answers(lead: Mapping[str, Any], form: Mapping[str, Any]) -> Iterator[Answer]:
    """Then the hidden fields of the form."""
    yield from lead_answers(list(_asked(lead, form)))
    for each in form.get("hiddenFields") or ():
        if each["name"] and each["value"]:
            yield Answer(each["name"], each["value"], "hidden")


def consents(lead: Mapping[str, Any], form: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """What stood above the boxes, and of each box its words."""
    given = (lead["formResponse"] or {}).get("consentResponses") or ()
    legal = (form.get("content") or {}).get("legalInfo") or {}
    if given and legal.get("legalDisclaimer"):
        yield "Consent", readable(legal["legalDisclaimer"])
    texts = {each["id"]: each["consent"] or each["label"] for each in legal.get("consents") or ()}
    for each in given:
        text = texts.get(each["consentId"]) or f"Consent {each['consentId'] or ''}".strip()
        yield readable(text), "Yes" if each["accepted"] else "No"


def _asked(lead: Mapping[str, Any], form: Mapping[str, Any]) -> Iterator[Asked]:
    questions = {each["questionId"]: each for each in (form.get("content") or {}).get("questions") or ()}
    for each in (lead["formResponse"] or {}).get("answers") or ():
        number = each["questionId"]
        question: Mapping[str, Any] = questions.get(number) or {}
        value = readable(_value(each["answerDetails"] or {}, question))
        shown = question.get("question") or question.get("label") or words(question.get("name") or f"question_{number}")
        names = frozenset(filter(None, (number, question.get("name"))))
        known = "linkedin_profile" if value.lower().startswith(PROFILE) else question.get("predefinedField") or ""
        yield Asked(known, readable(shown), value, names)


def _value(details: Mapping[str, Any], question: Mapping[str, Any]) -> str:
    text = (details.get("textQuestionAnswer") or {}).get("answer")
    if text:
        return str(text)
    choices = (question.get("questionDetails") or {}).get("multipleChoiceQuestionDetails") or {}
    options = {each["id"]: each["text"] or each["label"] for each in choices.get("options") or ()}
    chosen = (details.get("multipleChoiceAnswer") or {}).get("options") or ()
    return ", ".join(options.get(each) or f"option {each}" for each in chosen if each is not None)
