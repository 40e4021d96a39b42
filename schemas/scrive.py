"""Describes Scrive's callbacks, and documents as its API tells them, as far as we use them.

https://apidocs.scrive.com
"""

from __future__ import annotations

from marshmallow import fields

from schemas.wire import Flag, Id, Moment, Payload, Text, Words


class Field(Payload):
    """What somebody filled in. Names come in two, by `order`; a `text` has the name that its author gave it."""

    type = Text(required=True)
    order = fields.Integer()
    name = Words()
    value = Words()


class Party(Payload):
    is_author = Flag()
    is_signatory = Flag()
    fields_ = fields.List(fields.Nested(Field), data_key="fields")
    sign_time = Moment()
    rejected_time = Moment()
    rejection_reason = Words()


class Tag(Payload):
    name = Words()
    value = Words()


class Document(Payload):
    id = Id(required=True)
    title = Words()
    status = Text(required=True)
    parties = fields.List(fields.Nested(Party))
    tags = fields.List(fields.Nested(Tag))
    timeout_time = Moment()


class Callback(Payload):
    document_id = Id(required=True)
    document_json = fields.Nested(Document, required=True)
