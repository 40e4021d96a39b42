"""Describes what Mailchimp's webhooks tell of the members of an audience.

https://mailchimp.com/developer/marketing/guides/sync-audience-data-webhooks/
"""

from __future__ import annotations

from marshmallow import fields

from schemas.wire import Flag, Id, Passing, Payload, Text


class Merges(Passing, fields.Dict):
    """What the audience's merge tags hold, which are its owner's own. An empty one comes as text."""


class Member(Payload):
    """`id`, `new_id`: of an address. `action`, `reason`: of who left."""

    id = Id()
    list_id = Id()
    email = Text()
    merges = Merges()
    action = Text()
    reason = Text()
    campaign_id = Id()
    new_id = Id()
    new_email = Text()
    old_email = Text()


class Told(Payload):
    """`listed`: found in the list of members, and not told by a webhook."""

    type = Text(required=True)
    fired_at = Text()
    listed = Flag()
    data = fields.Nested(Member, required=True)


class Listed(Payload):
    """A member as the API lists it."""

    id = Text(required=True)
    unique_email_id = Text()
    list_id = Text()
    email_address = Text()
    status = Text()
    unsubscribe_reason = Text()
    merge_fields = Merges()
    last_changed = Text()
