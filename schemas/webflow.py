"""Describes a form of Webflow that was filled in, as version 2 of its API tells it.

https://developers.webflow.com/data/reference/webhooks/events/form-submission
"""

from __future__ import annotations

from marshmallow import fields

from schemas.wire import Id, Payload, Words


class Filled(Payload):
    """`data`: the answers, by the labels of the form's fields."""

    id = Id(required=True)
    name = Words()
    formId = Words()
    formElementId = Words()
    submittedAt = Words()
    data = fields.Dict(keys=fields.String(), values=fields.Raw(allow_none=True))


class Submission(Payload):
    payload = fields.Nested(Filled, required=True)
