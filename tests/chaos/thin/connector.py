"""Maps a sender of thin webhooks: deals, each of a party. Both are read of its API."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

from marshmallow import EXCLUDE, Schema, fields

from tests.chaos.scaled import OWNER, THIN
from worker.connectors import generic
from worker.plan import Key, Match, Plan, Product, Row, Stage, Upsert, User
from worker.sdk.connector import Connector, Event, Handles, Incoming
from worker.sdk.mapping import constant, field, joined
from worker.sdk.source import Changes, Get, Kind, NextLink, OAuth2, Occurred, Source

OVERLAP = 10.0
"""Seconds. The list lags by less."""
EARLY_EVERY, EARLY_FOR = 0.5, 20.0
TIMEOUT = 2.0
SIGN = OAuth2(token_url="https://api.tunn.example/oauth/token", grant="refresh_token", rotates=True)


class Told(Schema):
    class Meta:
        unknown = EXCLUDE

    data = fields.Dict(required=True)


class Deal(Schema):
    class Meta:
        unknown = EXCLUDE

    id = fields.String(required=True)
    party = fields.String(required=True)
    text = fields.String(required=True)
    price = fields.Integer(required=True)


class Party(Schema):
    class Meta:
        unknown = EXCLUDE

    id = fields.String(required=True)
    name = fields.String(required=True)
    org_no = fields.String(required=True)
    notes = fields.String(required=True)


def party_of(incoming: Incoming) -> str | None:
    found: str | None = incoming.read["deal"].get("party")
    return found


def ordered(event: Event, _settings: Any) -> Plan:
    """The party is made where it is not there; what it is called now its own event says."""
    deal, party = event.read["deal"], event.read["party"]
    company = Key("account", party["id"])
    row = Row("1", Product("KONSULT-1"), Decimal(1), Decimal(deal["price"]))
    return (
        Upsert(
            key=company,
            match=_match(party),
            on_create={"name": party["name"], "orgNo": party["org_no"], "users": (User(OWNER),)},
        ),
        Upsert(
            key=Key("order", deal["id"]),
            set={
                "description": f"[{THIN} {deal['id']}] {deal['text']}",
                "client": company,
                "stage": Stage("Order"),
                "orderRow": (row,),
            },
            on_create={"user": User(OWNER), "date": date(2026, 2, 3)},
        ),
    )


def called(event: Event, _settings: Any) -> Plan:
    party = event.read["party"]
    return (
        Upsert(
            key=Key("account", party["id"]),
            match=_match(party),
            set={"name": party["name"], "orgNo": party["org_no"], "notes": party["notes"]},
            on_create={"users": (User(OWNER),)},
        ),
    )


def _match(party: Mapping[str, Any]) -> tuple[Match, ...]:
    return (Match("orgNo", party["org_no"], shared=True),)


def _changes(kind: str) -> Changes:
    return Changes(
        path=f"/{kind}s?since={{since}}",
        items="items",
        changed="changed",
        event=lambda item: Occurred(f"{kind}.changed", {"data": {kind: item["id"]}}),
        pages=NextLink("next"),
        since=_moment,
        overlap=OVERLAP,
    )


def _moment(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat()


def _kind(name: str, schema: type[Schema]) -> Kind:
    return Kind(
        schema=schema,
        get=f"/{name}s/{{id}}",
        at=name,
        changed="changed",
        changes=_changes(name),
        early_every=EARLY_EVERY,
        early_for=EARLY_FOR,
    )


def _handles(kind: str, plan: Any, *fetch: Get) -> Handles:
    return Handles(
        schema=Told,
        plan=plan,
        subject=joined(":", constant(kind), field(f"data.{kind}")),
        time=field("time"),
        fetch=fetch,
    )


SOURCE = Source(
    url="https://api.tunn.example",
    sign=SIGN,
    kinds={"deal": _kind("deal", Deal), "party": _kind("party", Party)},
    timeout=TIMEOUT,
)

connector = Connector(
    name=THIN,
    title="Tunn",
    signature=generic.connector.signature,
    event_id=field("id"),
    event_type=field("type"),
    handles={
        "deal.changed": _handles("deal", ordered, Get("deal", field("data.deal")), Get("party", party_of)),
        "party.changed": _handles("party", called, Get("party", field("data.party"))),
    },
    writes={resource: frozenset({"create", "update"}) for resource in ("account", "order")},
    source=SOURCE,
    unverified=True,
)
