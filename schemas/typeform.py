"""Describes a filled-in form as Typeform sends it.

https://www.typeform.com/developers/webhooks/example-payload/
"""

from __future__ import annotations

from marshmallow import fields

from schemas.wire import Amount, Payload, Text


class Choice(Payload):
    label = Text()
    other = Text()


class Choices(Payload):
    labels = fields.List(Text())
    other = Text()


class Payment(Payload):
    amount = Amount()
    name = Text()
    success = fields.Boolean()


class Answered(Payload):
    """The question that was answered."""

    id = Text(required=True)
    ref = Text()
    type = Text()


class Answer(Payload):
    """Its value stands in the field that `type` names. A type that Typeform adds later has none here."""

    type = Text(required=True)
    field = fields.Nested(Answered, required=True)
    text = Text()
    email = Text()
    phone_number = Text()
    choice = fields.Nested(Choice)
    choices = fields.Nested(Choices)
    boolean = fields.Boolean()
    number = Amount()
    date = Text()
    url = Text()
    file_url = Text()
    signature = Text()
    payment = fields.Nested(Payment)


class Inner(Payload):
    """`subfield_key`: what a part of a contact block asks for."""

    id = Text(required=True)
    ref = Text()
    title = Text()
    type = Text()
    subfield_key = Text()


class InnerBlock(Inner):
    properties = fields.Nested(Payload.from_dict({"fields_": fields.List(fields.Nested(Inner), data_key="fields")}))


class Properties(Payload):
    """Blocks of questions hold them here; a group may hold blocks."""

    fields_ = fields.List(fields.Nested(InnerBlock), data_key="fields")
    currency = Text()


class Question(Inner):
    properties = fields.Nested(Properties)


class Ending(Payload):
    id = Text()
    ref = Text()
    title = Text()


class Definition(Payload):
    title = Text()
    fields_ = fields.List(fields.Nested(Question), data_key="fields")
    endings = fields.List(fields.Nested(Ending))


class Variable(Payload):
    key = Text(required=True)
    type = Text()
    text = Text()
    number = Amount()


class FormResponse(Payload):
    form_id = Text(required=True)
    token = Text(required=True)
    submitted_at = Text()
    hidden = fields.Dict(keys=fields.String(), values=fields.Raw(allow_none=True))
    definition = fields.Nested(Definition)
    answers = fields.List(fields.Nested(Answer))
    calculated = fields.Nested(Payload.from_dict({"score": Amount()}, name="Calculated"))
    variables = fields.List(fields.Nested(Variable))
    outcome = fields.Nested(Payload.from_dict({"title": Text()}, name="Outcome"))
    ending = fields.Nested(Ending)


class Submission(Payload):
    form_response = fields.Nested(FormResponse, required=True)
