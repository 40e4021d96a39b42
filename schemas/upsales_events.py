"""Describes what Upsales sends when something changes in it, to an app or by a trigger.

https://support.upsales.com/hc/en-us/articles/360001705067 tells an app's request; its `data.object` is the record as the
API has it. A trigger fills everything in as text: "" is nothing, and "0" as an id is nobody.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

from marshmallow import Schema, ValidationError, fields, validates_schema

from schemas.wire import Id, Needs, Payload, Text
from schemas.written import WrittenAmount

STOCKHOLM = ZoneInfo("Europe/Stockholm")


def local_time(text: str) -> datetime | None:
    """The time in UTC. One without offset is Stockholm's, in which Upsales keeps its days. None for what is no time."""
    try:
        time = datetime.fromisoformat(text.strip())
        return time.replace(tzinfo=time.tzinfo or STOCKHOLM).astimezone(UTC)
    except (ValueError, OverflowError):
        return None


class Ident(Id):
    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> str:
        text = super()._deserialize(value, attr, data, **kwargs)
        return "" if text == "0" else text


class Sum(WrittenAmount):
    """A trigger writes amounts as the account does, `12500,50`."""

    def deserialize(self, value: Any, *args: Any, **kwargs: Any) -> Any:
        return super().deserialize(None if value == "" else value, *args, **kwargs)


class Flag(fields.Boolean):
    def deserialize(self, value: Any, *args: Any, **kwargs: Any) -> Any:
        return super().deserialize(None if value == "" else value, *args, **kwargs)


class Time(Text):
    """`2026-05-18 11:00`, or with an offset."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> Any:
        text = super()._deserialize(value, attr, data, **kwargs)
        if not text:
            return None
        if (time := local_time(text)) is None:
            raise ValidationError("Not a time such as 2026-05-18 11:00.")
        return time.replace(microsecond=0)


class Day(Time):
    """The API tells days as Stockholm's midnight in UTC."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> Any:
        time = super()._deserialize(value, attr, data, **kwargs)
        return time.astimezone(STOCKHOLM).date() if time else None


class User(Payload):
    email = Text()


class Custom(Payload):
    fieldId = Id()
    value = fields.Raw()


class Address(Payload):
    type = Text()
    address = Text()
    zipcode = Text()
    city = Text()
    state = Text()
    country = Text()


class Record(Payload):
    custom = fields.List(fields.Nested(Custom))


class Client(Payload):
    """A company as other records name theirs."""

    id = Ident()
    name = Text()
    users = fields.List(fields.Nested(User))


class Company(Record):
    name = Text(required=True)
    orgNo = Text()
    phone = Text()
    webpage = Text()
    notes = Text()
    active = Flag()
    users = fields.List(fields.Nested(User))
    addresses = fields.List(fields.Nested(Address))


class Person(Payload):
    """A contact as other records name theirs."""

    id = Ident()
    name = Text()
    firstName = Text()
    lastName = Text()
    email = Text()


class Contact(Person, Record):
    phone = Text()
    cellPhone = Text()
    title = Text()
    notes = Text()
    active = Flag()
    client = fields.Nested(Client)


class Stage(Payload):
    name = Text()
    probability = Sum()

    @validates_schema
    def named(self, data: dict[str, Any], **_: Any) -> None:
        if not data.get("name") and data.get("probability") is None:
            raise ValidationError(Needs("Needs a name or a probability."))


class Product(Payload):
    articleNo = Text()
    name = Text()


class Row(Payload):
    id = Id(required=True)
    product = fields.Nested(Product)
    quantity = Sum()
    price = Sum()
    listPrice = Sum()


class Order(Record):
    """`orderRow` can't be told by a trigger, `value` can."""

    description = Text()
    date = Day()
    notes = Text()
    currency = Text()
    value = Sum()
    stage = fields.Nested(Stage, required=True)
    user = fields.Nested(User)
    client = fields.Nested(Client)
    contact = fields.Nested(Person)
    orderRow = fields.List(fields.Nested(Row))


class Activity(Record):
    description = Text(required=True)
    date = Day()
    closeDate = Day()
    notes = Text()
    users = fields.List(fields.Nested(User))
    client = fields.Nested(Client)
    contacts = fields.List(fields.Nested(Person))


class Appointment(Record):
    description = Text(required=True)
    date = Time(required=True)
    endDate = Time()
    location = Text()
    agenda = Text()
    notes = Text()
    outcome = Text()
    users = fields.List(fields.Nested(User))
    client = fields.Nested(Client)
    contacts = fields.List(fields.Nested(Person))


class Removal(Payload):
    """`user`: who did it; none where it was nobody, such as a nightly job."""

    user = fields.Nested(User)


class CompanyTold(Company):
    """A trigger may tell an id alone, where the record is read."""

    name = Text()


class OrderTold(Order):
    stage = fields.Nested(Stage)


class ActivityTold(Activity):
    description = Text()


class AppointmentTold(Appointment):
    description = Text()
    date = Time()


def _about(record: type[Payload], name: str) -> type[Schema]:
    data = Payload.from_dict({"object": fields.Nested(record, required=True)}, name=f"{name}Data")
    return Removal.from_dict({"data": fields.Nested(data, required=True)}, name=name)


CompanyChange = _about(CompanyTold, "CompanyChange")
ContactChange = _about(Contact, "ContactChange")
OrderChange = _about(OrderTold, "OrderChange")
ActivityChange = _about(ActivityTold, "ActivityChange")
AppointmentChange = _about(AppointmentTold, "AppointmentChange")
