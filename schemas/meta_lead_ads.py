"""Describes leads of Facebook and Instagram: the webhook, and what the Graph API tells.

https://developers.facebook.com/docs/marketing-api/guides/lead-ads/retrieving
"""

from __future__ import annotations

from marshmallow import fields

from schemas.wire import Extras, Flag, Id, Many, Payload, Text, Words


class Value(Payload):
    leadgen_id = Id(required=True)
    page_id = Words()
    form_id = Words()
    ad_id = Words()
    adgroup_id = Words()


class Change(Payload):
    value = fields.Nested(Value, required=True)


class Entry(Payload):
    changes = fields.Nested(Change, required=True)


class Webhook(Payload):
    """One change of one entry."""

    entry = fields.Nested(Entry, required=True)


class Given(Payload):
    name = Text(required=True)
    values = fields.List(Words())


class Lead(Payload):
    id = Id(required=True)
    form_id = Words()
    ad_id = Words()
    ad_name = Words()
    adset_id = Words()
    adset_name = Words()
    campaign_id = Words()
    campaign_name = Words()
    platform = Words()
    is_organic = Flag()
    field_data = Many(Given)
    custom_disclaimer_responses = fields.Raw()


class Question(Payload):
    key = Words()
    label = Words()
    type = Words()


class Form(Payload):
    id = Id(required=True)
    name = Words()
    questions = Extras(Question)


class Consent(Payload):
    """Its shape is documented badly: the boxes are seen as a list and as an object that holds one, the body as text and as an object."""

    id = Id(required=True)
    legal_content = fields.Raw()


class Page(Payload):
    """That its forms can be listed is all that is wanted: it shows that the token is this page's."""
