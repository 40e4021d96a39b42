"""Describes tickets, comments, and entries on the timeline."""

from __future__ import annotations

from web.sandbox import rules
from web.sandbox.entities.entity import Entity
from web.sandbox.fields import (
    CUSTOM,
    Field,
    Kind,
    boolean,
    choice,
    date,
    flag,
    free,
    integer,
    ref,
    text,
)

SERVICE: tuple[Entity, ...] = (
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
)
