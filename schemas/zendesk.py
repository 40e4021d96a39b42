"""Describes Zendesk's ticket events, the body of a trigger, and what is read of its API.

https://developer.zendesk.com/api-reference/webhooks/event-types/ticket-events
"""

from __future__ import annotations

from typing import Any

from marshmallow import fields

from schemas.wire import Extras, Flag, Id, Moment, One, Passing, Payload, Words, printable


class Number(Id):
    """An id as a number or as text; zero and blank are none."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> str:
        text = super()._deserialize(value, attr, data, **kwargs)
        if text == "0" and self.required:
            raise self.make_error("required")
        return "" if text == "0" else text


class Tags(Passing, fields.Raw):
    """An array, or words with blanks between them."""

    def _deserialize(self, value: Any, *_: Any, **__: Any) -> list[str]:
        words = value.split() if isinstance(value, str) else value if isinstance(value, list) else []
        return [printable(each) for each in words if isinstance(each, str)]


class Detail(Payload):
    id = Number(required=True)
    actor_id = Number()


class Told(Payload):
    """What changed is read: an event tells ids, where a person's name and address are needed."""

    detail = fields.Nested(Detail, required=True)


class Author(Payload):
    id = Number()
    name = Words()


class Comment(Payload):
    id = Number(required=True)
    body = Words()
    is_public = Flag()
    author = One(Author)


class Said(Payload):
    comment = fields.Nested(Comment, required=True)


class Commented(Told):
    event = fields.Nested(Said, required=True)


class Target(Payload):
    target_ticket_id = Number()


class Merged(Told):
    event = One(Target)


class Trigger(Payload):
    """The body that an administrator gives a trigger, as the connector's page has it. All but the number may be missing."""

    ticket_id = Number(required=True)
    ticket_title = Words()
    ticket_description = Words()
    ticket_status = Words()
    ticket_priority = Words()
    tags = Tags()
    created_at = Words()
    requester_id = Number()
    requester_full_name = Words()
    requester_email = Words()
    organization_id = Number()
    organization_name = Words()
    organization_external_id = Words()
    assignee_email = Words()
    current_user_id = Number()
    current_user_email = Words()


class Ticket(Payload):
    id = Number(required=True)
    subject = Words()
    description = Words()
    status = Words()
    priority = Words()
    tags = Tags()
    created_at = Moment()
    requester_id = Number()
    assignee_id = Number()
    organization_id = Number()


class User(Payload):
    id = Number()
    name = Words()
    email = Words()
    phone = Words()
    role = Words()


class Organization(Payload):
    id = Number()
    name = Words()
    external_id = Words()
    domain_names = fields.List(Words())


class Shown(Payload):
    """A ticket with what is sideloaded: https://developer.zendesk.com/documentation/ticketing/using-the-zendesk-api/side_loading/."""

    ticket = fields.Nested(Ticket, required=True)
    users = Extras(User)
    organizations = Extras(Organization)
