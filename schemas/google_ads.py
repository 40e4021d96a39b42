"""Describes a lead of a lead form as Google Ads sends it.

https://developers.google.com/google-ads/webhook/docs/implementation
"""

from __future__ import annotations

from marshmallow import fields

from schemas.wire import Id, Payload, Text, Words


class Column(Payload):
    """`column_name` may be absent: then `column_id` is all there is."""

    column_id = Text()
    column_name = Text()
    string_value = Text()


class Lead(Payload):
    """Ids other than the lead's are whole numbers of 64 bits. What has its default value is left out."""

    lead_id = Id(required=True)
    user_column_data = fields.List(fields.Nested(Column))
    form_id = Words()
    campaign_id = Words()
    adgroup_id = Words()
    creative_id = Words()
    asset_group_id = Words()
    gcl_id = Words()
    lead_stage = Words()
