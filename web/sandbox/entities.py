"""Upsales's entities as data: fields, lengths, what is required, what is read-only, and the quirks of each."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from web.sandbox import rules
from web.sandbox.fields import (
    CUSTOM,
    ROWS,
    Field,
    Kind,
    boolean,
    choice,
    date,
    flag,
    free,
    integer,
    number,
    ref,
    refs,
    text,
)

FULL = frozenset({"list", "get", "create", "update", "delete"})
READ = frozenset({"list", "get"})

COMMON: Mapping[str, Field] = {
    "id": integer(ours=True),
    "regDate": date(Kind.INSTANT, ours=True),
    "modDate": date(Kind.INSTANT, ours=True),
    "regBy": ref("users", ours=True),
    "modBy": ref("users", ours=True),
}


@dataclass(frozen=True, slots=True)
class Entity:
    """One resource.

    `nested`: what other records show of it. `other_names`: attributes also taken under another name. `indexed`: its lists come
    from the search index. `calls`: its own burst limit. `listed`: what its list has beside `data`.
    """

    name: str
    own: Mapping[str, Field]
    nested: tuple[str, ...] = ("id", "name")
    methods: frozenset[str] = FULL
    custom: str | None = None
    unique: tuple[str, ...] = ()
    needed_on_update: tuple[str, ...] = ()
    other_names: Mapping[str, str] = field(default_factory=dict)
    wrapped_in: str | None = None
    rules: tuple[rules.Rule, ...] = ()
    needs_active_client: bool = False
    indexed: bool = True
    needs_query: bool = False
    calls: int | None = None
    listed: Literal["full", "total", "bare"] = "full"
    item_metadata: bool = False
    paged: bool = True

    @property
    def fields(self) -> Mapping[str, Field]:
        return {**COMMON, **self.own}


_ACCOUNT = {
    "name": text(100, required=True),
    "phone": text(30),
    "webpage": text(100),
    "orgNo": text(32),
    "notes": text(),
    "about": text(),
    "fax": text(30),
    "linkedin": text(),
    "facebook": text(),
    "twitter": text(),
    "cfar": text(),
    "active": flag(1),
    "users": refs("users"),
    "addresses": free(()),
    "categories": refs(None),
    "projects": refs("projects"),
    "custom": CUSTOM,
    "noEmployees": integer(),
    "turnover": number(),
    "profit": number(),
    "importId": integer(),
    "priceListId": integer(),
    "deactivatedBy": integer(),
    "deactivationDate": date(Kind.CLOSING),
    "registrationDate": date(Kind.DAY),
    "dunsNo": ref(None),
    "prospectingId": ref(None),
    "sniCode": text(),
    "naicsCode": text(6),
    "sicCode": text(6),
    "ukSicCode": text(5),
    "status": text(),
    "companyForm": text(),
    "creditRating": choice("A", "AA", "AAA", "AN", "B", "C", refusal="InvaildCreditRating"),
    "journeyStep": text(default="lead"),
    "phoneCountryCode": text(2),
    "source": free({"type": "manual", "id": None}, ours=True),
    "parent": ref("accounts", ours=True),
    "currency": text(ours=True),
    "headquarters": flag(0, ours=True),
    "isExternal": flag(0, ours=True),
    "score": integer(0, ours=True),
    "scoreUpdateDate": date(Kind.INSTANT, ours=True),
    "prospectingUpdateDate": date(Kind.INSTANT, ours=True),
    "naceCode": text(ours=True),
    "soliditet": free(ours=True),
    "numberOfContacts": integer(0, ours=True),
    "numberOfContactsTotal": integer(0, ours=True),
    "hasOpportunity": boolean(ours=True),
    "hadOpportunity": boolean(ours=True),
    "hasOrder": boolean(ours=True),
    "hadOrder": boolean(ours=True),
    "hasActivity": boolean(ours=True),
    "hadActivity": boolean(ours=True),
    "hasAppointment": boolean(ours=True),
    "hadAppointment": boolean(ours=True),
    "userEditable": boolean(default=True, ours=True),
    "userRemovable": boolean(default=True, ours=True),
}

_CONTACT = {
    "name": text(50, default=""),
    "firstName": text(50, default=""),
    "lastName": text(50, default=""),
    "email": text(128, default=""),
    "phone": text(30),
    "cellPhone": text(30),
    "title": text(128),
    "titleCategory": free(),
    "salutation": text(),
    "linkedin": text(),
    "notes": text(),
    "active": flag(1),
    "client": ref("accounts", required=True),
    "categories": refs(None),
    "projects": refs("projects"),
    "segments": refs(None),
    "custom": CUSTOM,
    "journeyStep": text(default="lead"),
    "firstTouch": free(ours=True),
    "optins": free((), ours=True),
    "unsubscribed": date(Kind.INSTANT, ours=True),
    "score": integer(0, ours=True),
}

_ORDER = {
    "description": text(default="<<No description>>"),
    "client": ref("accounts", required=True),
    "user": ref("users", required=True),
    "stage": ref("orderstages", required=True),
    "date": date(Kind.DAY, required=True),
    "orderRow": ROWS,
    "contact": ref("contacts"),
    "project": ref("projects"),
    "clientConnection": ref("accounts"),
    "notes": text(),
    "probability": integer(),
    "closeDate": date(Kind.CLOSING),
    "currency": text(3),
    "currencyRate": number(1),
    "competitorId": integer(),
    "lostReason": integer(),
    "custom": CUSTOM,
    "notify": Field(kind=Kind.BOOLEAN, write_only=True),
    "agreement": ref("agreements", ours=True),
    "value": number(ours=True),
    "orderValue": Field(kind=Kind.NUMBER, read_only=True, write_only=True),
    "weightedValue": number(ours=True),
    "valueInMasterCurrency": number(ours=True),
    "weightedValueInMasterCurrency": number(ours=True),
}

_TASK = {
    "description": text(100),
    "users": refs("users", required=True),
    "client": ref("accounts"),
    "contacts": refs("contacts", most=1),
    "project": ref("projects"),
    "opportunity": ref("orders"),
    "notes": text(),
    "custom": CUSTOM,
}

ORDER_RULES: tuple[rules.Rule, ...] = (rules.probability, rules.order_rows, rules.totals, rules.closed)

_ENTITIES = (
    Entity("accounts", _ACCOUNT, custom="account"),
    Entity(
        "contacts", _CONTACT, nested=("id", "name", "email"), custom="contact", rules=(rules.names, rules.kept_client)
    ),
    Entity(
        "orders",
        _ORDER,
        nested=("id", "description"),
        custom="order",
        rules=ORDER_RULES,
        needs_active_client=True,
    ),
    Entity(
        "agreements",
        {
            **{name: field for name, field in _ORDER.items() if name != "date"},
            "description": text(required=True),
            "date": date(Kind.DAY),
            "metadata": free(),
        },
        nested=("id", "description"),
        custom="agreement",
        rules=(rules.agreement_terms, *ORDER_RULES),
        wrapped_in="agreement",
        needs_active_client=True,
        item_metadata=True,
    ),
    Entity(
        "orderstages",
        {
            "name": text(required=True),
            "probability": integer(required=True),
            "exclude": flag(0),
            "roles": refs(None),
            "active": flag(1),
        },
        nested=("id", "name", "probability"),
        needed_on_update=("probability",),
        indexed=False,
        calls=1500,
    ),
    Entity(
        "activities",
        {
            **_TASK,
            "description": text(100, required=True),
            "activityType": ref("activitytypes/activity", required=True),
            "date": date(Kind.DAY),
            "time": text(),
            "priority": integer(0),
            "closeDate": date(Kind.CLOSING),
            "isAppointment": flag(0),
        },
        nested=("id", "description"),
        custom="activity",
        other_names={"activityTypeId": "activityType", "userId": "users"},
        rules=(rules.client_for_phone_calls, rules.contacts_of_client),
        needs_active_client=True,
    ),
    Entity(
        "appointments",
        {
            **_TASK,
            "activityType": ref("activitytypes/appointment", required=True),
            "date": date(Kind.INSTANT, required=True),
            "endDate": date(Kind.INSTANT),
            "location": text(2048),
            "agenda": text(),
            "outcome": choice("planned", "completed", "notCompleted", default="planned"),
            "isAppointment": flag(1),
            "private": flag(0),
            "externalCalendarId": text(ours=True),
            "seriesMasterId": text(ours=True),
        },
        nested=("id", "description"),
        custom="appointment",
        rules=(rules.contacts_of_client,),
        needs_active_client=True,
    ),
    Entity(
        "phonecall",
        {
            "user": ref("users", required=True),
            "contact": ref("contacts", required=True),
            "client": ref("accounts", required=True),
            "date": date(Kind.INSTANT),
            "phoneNumber": text(45),
            "durationInS": integer(),
            "type": text(45),
            "conversationUrl": text(512),
            "status": integer(),
            "externalId": text(512),
        },
        nested=("id",),
        rules=(rules.dated,),
        listed="total",
    ),
    Entity(
        "projects",
        {
            "name": text(required=True),
            "startDate": date(Kind.MIDNIGHT),
            "endDate": date(Kind.MIDNIGHT),
            "active": flag(1),
            "users": refs("users"),
            "notes": text(),
            "quota": number(0),
            "isCallList": flag(0),
            "custom": CUSTOM,
        },
        custom="project",
    ),
    Entity(
        "products",
        {
            "name": text(required=True),
            "articleNo": text(100),
            "description": text(),
            "listPrice": number(0),
            "purchaseCost": number(0),
            "active": flag(1),
            "category": ref("productcategories"),
            "currencies": free(()),
            "tiers": free(()),
            "roles": refs(None),
            "custom": CUSTOM,
        },
        nested=("id", "name", "articleNo", "listPrice"),
        custom="product",
        unique=("articleNo",),
    ),
    Entity(
        "productcategories",
        {"name": text(128, required=True), "parentId": integer(0)},
        indexed=False,
        item_metadata=True,
    ),
    Entity(
        "tickets",
        {
            "title": text(150, required=True),
            "status": ref("ticketstatus"),
            "type": ref(None),
            "client": ref("accounts"),
            "contact": ref("contacts"),
            "user": ref("users"),
            "priority": integer(0),
            "custom": CUSTOM,
            "comments": free((), ours=True),
        },
        nested=("id", "title"),
        other_names={
            "statusId": "status",
            "typeId": "type",
            "clientId": "client",
            "contactId": "contact",
            "userId": "user",
        },
        rules=(rules.first_status,),
        item_metadata=True,
    ),
    Entity("ticketstatus", {"name": text(required=True), "closed": flag(0)}, indexed=False, item_metadata=True),
    Entity(
        "comments",
        {
            "description": text(required=True),
            "user": ref("users"),
            "client": ref("accounts"),
            "contact": ref("contacts"),
            "isPinned": boolean(),
        },
        nested=("id",),
        rules=(rules.signed,),
    ),
    Entity(
        "events",
        {
            "entityType": choice("manual", "marketingCustom", "news", required=True, refusal="FailedValidation"),
            "score": integer(required=True),
            "client": ref("accounts"),
            "contact": ref("contacts"),
            "user": ref("users"),
            "value": text(512),
            "date": date(Kind.INSTANT),
            "integrationId": integer(),
            "externalId": text(72),
            "notify": Field(kind=Kind.BOOLEAN, write_only=True),
        },
        nested=("id",),
        methods=frozenset({"list", "get", "create", "delete"}),
        rules=(rules.dated,),
        needs_query=True,
    ),
    Entity(
        "users",
        {
            "name": text(),
            "email": text(),
            "active": flag(1),
            "administrator": flag(0),
            "userTitle": text(),
            "userPhone": text(),
            "userCellPhone": text(),
            "role": ref(None),
        },
        nested=("id", "name", "email"),
        methods=READ,
        indexed=False,
    ),
    Entity("activitytypes/activity", {"name": text(), "kind": text(), "active": flag(1)}, methods=READ, indexed=False),
    Entity("activitytypes/appointment", {"name": text(), "active": flag(1)}, methods=READ, indexed=False),
    Entity(
        "currencies",
        {"iso": text(), "rate": number(1), "masterCurrency": boolean(), "active": boolean(default=True)},
        nested=("iso",),
        methods=frozenset({"list"}),
        indexed=False,
        listed="bare",
    ),
    Entity(
        "triggers",
        {"name": text(), "active": flag(1), "events": free(()), "criterias": free(()), "actions": free(())},
        methods=READ,
        indexed=False,
        listed="total",
        paged=False,
    ),
    Entity("apikeys", {"name": text(), "active": boolean(default=True)}, methods=READ, indexed=False),
)

CUSTOM_ENTITIES = (
    "account", "contact", "activity", "appointment", "order", "orderrow",
    "product", "project", "user", "agreement", "udo", "ticket",
)  # fmt: skip

DATATYPES = (
    "String", "Integer", "Currency", "Text", "Boolean", "Select", "MultiSelect",
    "Date", "Time", "Percent", "Email", "Link", "Discount",
)  # fmt: skip

_CUSTOM_FIELD = {
    "name": text(128, required=True),
    "datatype": choice(*DATATYPES, required=True, refusal="FailedValidation"),
    "alias": text(256),
    "obligatoryField": flag(0),
    "searchable": flag(0),
    "visible": flag(1),
    "editable": flag(1),
    "default": free(),
}

ENTITIES: Mapping[str, Entity] = {
    **{entity.name: entity for entity in _ENTITIES},
    **{
        f"customfields/{name}": Entity(f"customfields/{name}", _CUSTOM_FIELD, indexed=False) for name in CUSTOM_ENTITIES
    },
}
