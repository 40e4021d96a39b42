"""Describes our own event format, in Upsales's field names and the sender's ids."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from marshmallow import Schema, ValidationError, fields, post_load, validate, validates_schema

from schemas import generic_names
from schemas.plain_errors import When, day, instant, list_of, not_an_object
from schemas.wire import Id, Needs, Payload, Text, printable
from schemas.written import Flag, WholeNumber, WrittenAmount


class Scalar(fields.Raw):
    """The value of a custom field, as text: Upsales keeps all of them as text. A list holds several options."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        scalar = ["string", "number", "boolean"]
        self.metadata = {"type": [*scalar, "array"], "items": {"type": scalar}}

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> str | tuple[str, ...]:
        del attr, data, kwargs
        return tuple(map(self._text, value)) if isinstance(value, list) else self._text(value)

    def _text(self, value: Any) -> str:
        if isinstance(value, bool):
            return str(int(value))
        if not isinstance(value, str | int | float):
            raise ValidationError("Not text, a number, true or false.")
        return printable(str(value))


class ByAlias(fields.Dict):
    """Custom fields by alias. What is wrong is told under the alias alone."""

    def deserialize(self, value: Any, attr: str | None = None, data: Any = None, **kwargs: Any) -> Any:
        try:
            return super().deserialize(value, attr, data, **kwargs)
        except ValidationError as error:
            if not isinstance(error.messages, dict):
                raise
            raise ValidationError(
                {alias: [text for half in found.values() for text in half] for alias, found in error.messages.items()}
            ) from None


ALIASES_WANTED = 'Not an object, such as {{"ALIAS": "value"}}.'
"""A field's message is a template."""


def custom() -> ByAlias:
    return ByAlias(
        keys=fields.String(validate=validate.Length(1)),
        values=Scalar(allow_none=True),
        error_messages={"invalid": ALIASES_WANTED},
    )


def user() -> fields.Email:
    return fields.Email(metadata={"description": "e-mail address of an Upsales user"})


def currency() -> Text:
    return Text(validate=validate.Regexp(r"^[A-Z]{3}$", error="Not a currency code, such as SEK."))


class Company(Payload):
    """A company by its external id, or by what is known of it."""

    also_called = generic_names.COMPANY
    error_messages = not_an_object('{"name": "Kupan AB"}')

    id = Id()
    name = Text()
    orgNo = Text()
    phone = Text()
    webpage = Text()

    @validates_schema
    def named(self, data: Mapping[str, Any], **_: Any) -> None:
        if not (data.get("id") or data.get("name") or data.get("orgNo")):
            raise ValidationError(Needs("Needs an id, a name or an orgNo."))


class Person(Payload):
    """A contact by external id, or by e-mail address."""

    also_called = generic_names.PERSON
    error_messages = not_an_object('{"email": "ida@kupa.example"}')

    id = Id()
    email = fields.Email()
    name = Text()
    firstName = Text()
    lastName = Text()
    phone = Text()
    title = Text()

    @validates_schema
    def named(self, data: Mapping[str, Any], **_: Any) -> None:
        if not (data.get("id") or data.get("email")):
            raise ValidationError(Needs("Needs an id or an email."))


class Address(Payload):
    also_called = generic_names.ADDRESS
    error_messages = not_an_object()

    type = Text(required=True, validate=validate.OneOf(("Visit", "Mail", "Invoice", "Delivery", "Other")))
    address = Text()
    zipcode = Text()
    city = Text()
    state = Text()
    country = Text(metadata={"description": "ISO 3166 code or name"})


class Row(Payload):
    also_called = generic_names.ROW
    error_messages = not_an_object()

    id = Id(required=True, metadata={"description": "what keeps the row the same row over updates"})
    articleNo = Text(required=True)
    quantity = WrittenAmount(required=True)
    price = WrittenAmount(required=True, metadata={"description": "what one piece is sold for"})
    listPrice = WrittenAmount()


def rows() -> fields.List[Any]:
    return list_of(fields.Nested(Row), validate=validate.Length(1, error="Needs at least one row."))


class Fields(Payload):
    """What an event says of a record. Loads the names of the fields it says null of, as `EMPTIED`, where they can be emptied."""

    can_be_emptied: ClassVar[frozenset[str]] = frozenset()

    @post_load(pass_original=True)
    def tell_what_is_null(self, loaded: dict[str, Any], original: Any, **_: Any) -> dict[str, Any]:
        return loaded | {
            EMPTIED: tuple(name for name in loaded if name in self.can_be_emptied and says_null(original, name))
        }


EMPTIED = "null"


def says_null(fields: Mapping[str, Any], name: str) -> bool:
    return name in fields and fields[name] is None


class AccountFields(Fields):
    also_called = generic_names.ACCOUNT
    can_be_emptied = frozenset({"notes", "noEmployees", "orgNo", "phone", "turnover", "webpage"})

    name = Text()
    orgNo = Text()
    phone = Text()
    webpage = Text()
    notes = Text()
    active = Flag()
    journeyStep = Text()
    noEmployees = WholeNumber(validate=validate.Range(0, 10**9))
    turnover = WrittenAmount()
    users = list_of(user())
    addresses = list_of(fields.Nested(Address))
    custom = custom()


class ContactFields(Fields):
    also_called = generic_names.CONTACT
    can_be_emptied = frozenset({"cellPhone", "linkedin", "notes", "phone", "title"})

    client = fields.Nested(Company)
    name = Text()
    firstName = Text()
    lastName = Text()
    email = fields.Email()
    phone = Text()
    cellPhone = Text()
    title = Text()
    linkedin = Text()
    notes = Text()
    active = Flag()
    custom = custom()


class OrderFields(Fields):
    also_called = generic_names.DEAL
    can_be_emptied = frozenset({"closeDate", "notes"})

    description = Text()
    client = fields.Nested(Company)
    contact = fields.Nested(Person)
    user = user()
    stage = Text(metadata={"description": "a stage's name, or a probability such as 75%"})
    date = day()
    closeDate = day()
    currency = currency()
    rows = rows()
    notes = Text()
    notify = Flag()
    custom = custom()


class Period(Payload):
    """When a subscription runs. Upsales takes it once: it can't be changed later."""

    agreementStartdate = day(required=True)
    agreementIntervalPeriod = WholeNumber(required=True, validate=validate.Range(1, 120))
    periodLength = WholeNumber(required=True, validate=validate.Range(0, 1200))
    agreementOrderCreationTime = WholeNumber(validate=validate.Range(0, 365))
    agreementRenewalDate = day()
    noticePeriod = WholeNumber(validate=validate.Range(0, 1200))


class AgreementFields(Fields):
    also_called = generic_names.DEAL
    can_be_emptied = frozenset({"notes"})

    description = Text()
    client = fields.Nested(Company)
    contact = fields.Nested(Person)
    user = user()
    stage = Text()
    currency = currency()
    rows = rows()
    notes = Text()
    metadata = fields.Nested(Period)
    custom = custom()


class ProductFields(Fields):
    also_called = generic_names.PRODUCT
    can_be_emptied = frozenset({"description", "purchaseCost"})

    name = Text()
    articleNo = Text(validate=validate.Length(max=100))
    description = Text()
    listPrice = WrittenAmount()
    purchaseCost = WrittenAmount()
    active = Flag()
    custom = custom()


class ActivityFields(Fields):
    also_called = generic_names.TASK
    can_be_emptied = frozenset({"closeDate", "notes"})

    description = Text()
    notes = Text()
    date = day()
    closeDate = day(metadata={"description": "the day it was done"})
    activityType = Text()
    priority = WholeNumber(validate=validate.OneOf((0, 3)))
    users = list_of(user())
    client = fields.Nested(Company)
    contact = fields.Nested(Person)
    contacts = list_of(fields.Nested(Person))
    order = Id(metadata={"description": "external id of the order it belongs to"})
    custom = custom()


class AppointmentFields(Fields):
    also_called = generic_names.TASK
    can_be_emptied = frozenset({"agenda", "location", "notes"})

    description = Text()
    date = instant()
    endDate = instant()
    location = Text()
    agenda = Text()
    notes = Text()
    outcome = Text(validate=validate.OneOf(("planned", "completed", "notCompleted")))
    activityType = Text()
    users = list_of(user())
    client = fields.Nested(Company)
    contact = fields.Nested(Person)
    contacts = list_of(fields.Nested(Person))
    order = Id()
    custom = custom()


class PhoneCallFields(Fields):
    user = user()
    client = fields.Nested(Company)
    contact = fields.Nested(Person)
    date = instant()
    durationInS = WholeNumber(validate=validate.Range(0, 10**7))
    type = Text()
    phoneNumber = Text()
    conversationUrl = Text(validate=validate.Length(max=512))


class TicketFields(Fields):
    title = Text()
    client = fields.Nested(Company)
    contact = fields.Nested(Person)
    user = user()
    priority = WholeNumber(validate=validate.Range(0, 3))
    status = WholeNumber(validate=validate.Range(1), metadata={"description": "Upsales id of a ticket status"})
    type = WholeNumber(validate=validate.Range(1), metadata={"description": "Upsales id of a ticket type"})


class CommentFields(Fields):
    description = Text()
    user = user()
    client = fields.Nested(Company)
    isPinned = Flag()


class TimelineFields(Fields):
    entityType = Text(validate=validate.OneOf(("manual", "marketingCustom", "news")))
    score = WholeNumber(validate=validate.Range(0, 10**6))
    value = Text()
    date = instant()
    client = fields.Nested(Company)
    contact = fields.Nested(Person)
    user = user()


KINDS: Mapping[str, type[Fields]] = {
    "account.upsert": AccountFields,
    "contact.upsert": ContactFields,
    "order.upsert": OrderFields,
    "product.upsert": ProductFields,
    "agreement.upsert": AgreementFields,
    "ticket.upsert": TicketFields,
    "activity.upsert": ActivityFields,
    "activity.create": ActivityFields,
    "appointment.upsert": AppointmentFields,
    "phonecall.create": PhoneCallFields,
    "comment.create": CommentFields,
    "event.create": TimelineFields,
}


POLICIES = ("set", "on_create", "if_empty")
"""When a field is written: always (as if it stood outside), when the record is made, or while Upsales holds nothing there."""


CLOUD_EVENTS = ("specversion", "source", "datacontenttype", "dataschema")
"""Attributes that an event may have because it is one of CloudEvents, too."""
IGNORED = {"description": "of CloudEvents; it changes nothing here"}


def envelope(event_type: str) -> type[Schema]:
    """The whole event of one type. An `upsert` may hold a field in a group that says when it is written."""
    held = KINDS[event_type]
    resource, _, verb = event_type.partition(".")
    groups = {name: fields.Nested(held) for name in POLICIES} if verb == "upsert" else {}
    name = f"{resource.capitalize()}{verb.capitalize()}"
    data = type(f"{name}Data", (held,), {"id": Id(required=True), **groups})
    return type(
        name,
        (Payload,),
        {
            "also_called": generic_names.ENVELOPE,
            **{attribute: fields.Raw(metadata=IGNORED) for attribute in CLOUD_EVENTS},
            "id": Id(
                metadata={"description": "the event's own id, the same when it is sent again; or the header webhook-id"}
            ),
            "type": Text(required=True, validate=validate.OneOf((event_type,))),
            "time": When(
                metadata={
                    "description": "when it happened, ISO 8601 or seconds since 1970; without it the time of receipt"
                }
            ),
            "version": WholeNumber(
                validate=validate.Range(0, 10**18),
                metadata={"description": "orders events of one time: the higher number is newer"},
            ),
            "subject": Text(
                metadata={"description": "events of one subject take effect in order; without it the record"}
            ),
            "data": fields.Nested(data, required=True),
        },
    )


ENVELOPES: Mapping[str, type[Schema]] = {event_type: envelope(event_type) for event_type in KINDS}
