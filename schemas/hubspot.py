"""Describes HubSpot's webhooks and records as far as we use them.

https://developers.hubspot.com/docs/api/webhooks
https://knowledge.hubspot.com/workflows/how-do-i-use-webhooks-with-hubspot-workflows
https://developers.hubspot.com/docs/guides/crm/using-object-apis
"""

from __future__ import annotations

from marshmallow import fields

from schemas.wire import Id, Payload, Text


class Happened(Payload):
    """Something happened to a record: created, deleted, restored."""

    portalId = Id(required=True)
    objectId = Id(required=True)


class PropertyChange(Happened):
    """One property, as it is now. An emptied one has no value; a sensitive one has `REDACTED`."""

    propertyName = Text(required=True)
    propertyValue = Text()
    isSensitive = fields.Boolean()


class Merge(Payload):
    """Merging may make a new record, `newObjectId`, of all that were merged."""

    portalId = Id(required=True)
    primaryObjectId = Id(required=True)
    mergedObjectIds = fields.List(Id(), required=True)
    newObjectId = Id()


class AssociationChange(Payload):
    """`associationType` in the older format, `toObjectTypeId` in the newer one."""

    portalId = Id(required=True)
    fromObjectId = Id(required=True)
    toObjectId = Id(required=True)
    associationType = Text()
    toObjectTypeId = Text()
    associationRemoved = fields.Boolean()
    isPrimaryAssociation = fields.Boolean()


class Properties(fields.Dict):
    """Every property of a record, those that an account made itself included; each with its value and its history."""

    def __init__(self, *, required: bool = False) -> None:
        super().__init__(keys=fields.String(), values=fields.Raw(allow_none=True), required=required)


class WorkflowRecord(Happened):
    """A company or a deal."""

    properties = Properties(required=True)


class AssociatedCompany(Payload):
    company_id = Id(required=True, data_key="company-id")
    properties = Properties()


class WorkflowContact(Payload):
    """Contacts still come in the shape of HubSpot's first API."""

    portal_id = Id(required=True, data_key="portal-id")
    vid = Id(required=True)
    properties = Properties(required=True)
    associated_company = fields.Nested(AssociatedCompany, data_key="associated-company")


class Associated(Payload):
    id = Id(required=True)


class AssociatedRecords(Payload):
    results = fields.List(fields.Nested(Associated))


class Associations(Payload):
    contacts = fields.Nested(AssociatedRecords)


class Record(Payload):
    """A contact, company or deal as the API answers it: each property is text, or null."""

    id = Id(required=True)
    properties = Properties(required=True)
    associations = fields.Nested(Associations)
