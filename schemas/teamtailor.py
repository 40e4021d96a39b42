"""Describes a company's Teamtailor webhooks and what is read of its API.

https://partner.teamtailor.com/company_webhooks/ and https://docs.teamtailor.com
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from marshmallow import Schema, fields, pre_load

from schemas.wire import Extras, Flag, Id, Moment, Payload, Words


class Attributes(Payload):
    """Their names have dashes. Those of an application are documented with underscores, so both are read."""

    title = Words()
    status = Words()
    human_status = Words()
    company_name = Words()
    employment_type = Words()
    employment_level = Words()
    remote_status = Words()
    internal = Flag()
    job_id = Id()
    job_title = Words()
    stage_name = Words()
    last_moved_at = Moment()
    rejected_at = Moment()
    name = Words()
    first_name = Words()
    last_name = Words()
    email = Words()
    phone = Words()

    @pre_load
    def without_dashes(self, attributes: Any, **_: Any) -> Any:
        if not isinstance(attributes, Mapping):
            return attributes
        return {str(name).replace("-", "_"): value for name, value in attributes.items()}


class Resource(Payload):
    id = Id(required=True)
    attributes = fields.Nested(Attributes)


class Told(Payload):
    data = fields.Nested(Resource, required=True)


class Webhook(Payload):
    payload = fields.Nested(Told, required=True)


class Included(Payload):
    type = Words()
    id = Id()
    attributes = fields.Nested(Attributes)


def relation(name: str) -> type[Schema]:
    """`{"<name>": {"data": {"id": …}}}`: where nothing is included, a relationship may hold links alone."""
    linked = Payload.from_dict({"data": fields.Nested(Payload.from_dict({"id": Id()}))})
    return Payload.from_dict({name: fields.Nested(linked)})


class Related(Resource):
    relationships = fields.Nested(relation("job"))


class Application(Payload):
    """As JSON:API has it: what belongs to it stands beside it."""

    data = fields.Nested(Related, required=True)
    included = Extras(Included)
