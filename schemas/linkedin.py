"""Describes leads of LinkedIn: the notification, and what the Lead Sync API tells.

https://learn.microsoft.com/en-us/linkedin/marketing/lead-sync/leadsync
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from marshmallow import fields

from schemas.wire import Extras, Flag, Id, Passing, Payload, Text, Words, printable


class Localized(Passing, fields.Field[Any]):
    """A text by language, of which a form has one. A text alone is taken as it is."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> str | None:  # noqa: ARG002 - a field
        texts = value.get("localized") if isinstance(value, Mapping) else {"": value}
        found = [text for text in texts.values() if isinstance(text, str)] if isinstance(texts, Mapping) else []
        return next(filter(None, map(printable, found)), None)


class Owner(Payload):
    sponsoredAccount = Words()
    organization = Words()


class Notification(Payload):
    leadGenFormResponse = Text(required=True)
    leadGenForm = Words()
    leadType = Words()
    owner = fields.Nested(Owner)


class TextAnswer(Payload):
    answer = Words()


class ChoiceAnswer(Payload):
    options = fields.List(Words())


class AnswerDetails(Payload):
    textQuestionAnswer = fields.Nested(TextAnswer)
    multipleChoiceAnswer = fields.Nested(ChoiceAnswer)


class Answer(Payload):
    questionId = Id(required=True)
    answerDetails = fields.Nested(AnswerDetails)


class ConsentResponse(Payload):
    consentId = Words()
    accepted = Flag()


class FormResponse(Payload):
    answers = fields.List(fields.Nested(Answer))
    consentResponses = Extras(ConsentResponse)


class SponsoredLead(Payload):
    campaign = Words()


class Metadata(Payload):
    sponsoredLeadMetadata = fields.Nested(SponsoredLead)


class Entity(Payload):
    associatedCreative = Words()


class Lead(Payload):
    id = Id(required=True)
    leadType = Words()
    testLead = Flag()
    versionedLeadGenFormUrn = Words()
    leadMetadata = fields.Nested(Metadata)
    associatedEntity = fields.Nested(Entity)
    formResponse = fields.Nested(FormResponse)


class Option(Payload):
    id = Words()
    text = Localized()
    label = Words()


class Choices(Payload):
    options = Extras(Option)


class Details(Payload):
    multipleChoiceQuestionDetails = fields.Nested(Choices)


class Question(Payload):
    questionId = Words()
    question = Localized()
    name = Words()
    label = Words()
    predefinedField = Words()
    questionDetails = fields.Nested(Details)


class Consent(Payload):
    id = Words()
    consent = Localized()
    label = Words()


class Legal(Payload):
    consents = Extras(Consent)
    legalDisclaimer = Localized()


class Content(Payload):
    questions = Extras(Question)
    legalInfo = fields.Nested(Legal)


class Hidden(Payload):
    name = Words()
    value = Words()


class Form(Payload):
    id = Id(required=True)
    name = Words()
    hiddenFields = Extras(Hidden)
    content = fields.Nested(Content)
