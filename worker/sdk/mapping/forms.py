"""Maps a form that was filled in on a web site, whichever sender it came by."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any

from schemas.wire import printable
from worker.plan import Ignored, Plan, Resource
from worker.sdk.connector import Event
from worker.sdk.mapping.lead_answers import Answer, chosen_target, name, target
from worker.sdk.mapping.lead_settings import LeadSettings
from worker.sdk.mapping.leads import Lead, lead_plan
from worker.sdk.mapping.markup import readable
from worker.sdk.mapping.text import clip
from worker.sdk.settings import setting

WRITES: Mapping[Resource, frozenset[str]] = {
    "account": frozenset({"create", "update"}),
    "contact": frozenset({"create", "update"}),
    "activity": frozenset({"create"}),
}
"""What `form_plan` may do."""
CONSENT = "Consent given"
NOT_GIVEN = frozenset({"no", "0", "false"})
LONGEST_NAMED = 300
LONGEST_SHORT = 100
"""Of an answer that a field could take. What is longer is a message, and belongs in the notes."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FormSettings(LeadSettings):
    """Of connections that bring forms of a web site."""

    consents: tuple[str, ...] = setting(
        (), doc="questions that are consents (id, name or title): their text is kept beside the answer, as proof"
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Form:
    """One that was filled in. `name`: what people call it. `page`: where it stands. `details`: of these nobody expects a field."""

    id: str
    name: str
    answers: Sequence[Answer]
    page: str | None = None
    details: frozenset[str] = frozenset()


def form_plan(form: Form, event: Event, settings: FormSettings) -> Plan | Ignored:
    agreed = {name(each) for each in settings.consents}
    asked = [replace(each, question=" ".join(each.question.split())) for each in form.answers]
    given = [each for each in (consent(one) if agreed & one.called else one for one in asked) if each.value]
    lead = Lead(
        title=f"Form filled in: {form.name}",
        answers=given,
        remarks=(("Page", form.page),) if form.page else (),
        sources=(form.id, form.name),
    )
    plan = lead_plan(lead, event, settings)
    if isinstance(plan, Ignored):
        return plan
    *others, activity = plan
    return (*others, replace(activity, left_out=untaken(given, form.details, settings)))


def consent(answer: Answer, text: str | None = None) -> Answer:
    """It tells the text that was agreed to. One that was not given tells nothing."""
    if answer.question == CONSENT:
        return answer
    given = answer.value and answer.value.casefold() not in NOT_GIVEN
    names = answer.names | {answer.question}
    return Answer(CONSENT, (text or answer.question) if given else "", kind="other", names=names)


def untaken(answers: Sequence[Answer], details: frozenset[str], settings: FormSettings) -> tuple[str, ...]:
    """Marketers rename questions, and then a setting finds nothing: whoever looks at the event sees which."""
    known = {name(each) for each in details}
    found = [
        each.question
        for each in answers
        if each.kind != "hidden" and _is_short(each) and not known & each.called and not _is_taken(each, settings)
    ]
    named = ", ".join(dict.fromkeys(found))
    return (clip(f"No field takes {named}: see the notes", LONGEST_NAMED),) if named else ()


def _is_short(answer: Answer) -> bool:
    return answer.question != CONSENT and len(answer.value) <= LONGEST_SHORT and "\n" not in answer.value


def _is_taken(answer: Answer, settings: FormSettings) -> bool:
    return bool(chosen_target(answer, settings.fields) or target(answer))


def written(value: Any) -> str:
    """An answer as people read it: several choices in a row, a tick as a word."""
    if isinstance(value, bool):
        return "Yes" if value else "No"
    if isinstance(value, list | tuple):
        return ", ".join(filter(None, map(written, value)))
    if isinstance(value, float):
        return f"{Decimal(str(value)).normalize():f}"
    return printable(readable(str(value))) if isinstance(value, str | int) else ""
