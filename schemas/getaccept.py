"""Describes webhooks of GetAccept and documents of its API, as far as we use them.

https://app.getaccept.com/api
"""

from __future__ import annotations

from marshmallow import fields

from schemas.wire import Extras, Flag, Id, Money, Passing, Payload, Text, Words


class Worth(Passing, Money):
    """What a document is worth."""


class SigningMethod(Payload):
    signed_at = Words()


class Recipient(Payload):
    id = Id()
    email = Words()
    fullname = Words()
    first_name = Words()
    last_name = Words()
    mobile = Words()
    title = Words()
    company_name = Words()
    company_number = Words()
    status = Words()
    signing_methods = Extras(SigningMethod)


class Document(Payload):
    id = Id(required=True)
    name = Words()
    status = Words()
    is_signed = Flag()
    sign_date = Words()
    expiration_date = Words()
    external_id = Words()
    sender_email = Words()
    tags = Words()
    value = Worth()
    recipients = Extras(Recipient)


class Custom(Passing, fields.Dict):
    """What a document was sent with, by name."""


class Webhook(Payload):
    event = Text()
    document = fields.Nested(Document, required=True)
    recipient = fields.Nested(Recipient)
    custom_fields = Custom()
