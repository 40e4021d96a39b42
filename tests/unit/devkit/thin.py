"""An invented sender whose webhook tells an id alone; contract, customer and order are read of its API."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any

from marshmallow import fields

from schemas.wire import Amount, Id, Payload, Text
from worker.devkit import cases
from worker.devkit.conformance import Filed, Subject
from worker.devkit.recorded import Recorded
from worker.plan import Key, Plan, Product, Row, Upsert, User
from worker.sdk.connector import Connector, Event, Handles
from worker.sdk.handshakes import echo_query
from worker.sdk.mapping import company, constant, field, joined, stage
from worker.sdk.settings import setting
from worker.sdk.signatures import HmacSha256
from worker.sdk.source import Answered, Changes, Get, Kind, Occurred, Source, Verdict, bearer


class Told(Payload):
    contract = fields.Nested(Payload.from_dict({"id": Id(required=True)}), required=True)


class Line(Payload):
    id = Id(required=True)
    price = Amount(required=True)


class Contract(Payload):
    id = Id(required=True)
    title = Text()
    lines = fields.List(fields.Nested(Line), required=True)


class Customer(Payload):
    name = Text(required=True)


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    owner: str = setting(doc="e-mail address of the Upsales user who owns what is made")
    fallback_product: str = setting("ÖVRIGT", doc="article number of the product that stands in")


def signed(event: Event, settings: Settings) -> Plan:
    contract = event.read["contract"]
    home = company(event.read["customer"]["name"], owner=settings.owner)
    rows = tuple(
        Row(key=line["id"], product=Product(None, settings.fallback_product), quantity=Decimal(1), price=line["price"])
        for line in contract["lines"]
    )
    order = Upsert(
        key=Key("order", event.subject),
        set={"orderRow": rows},
        on_create={
            "description": contract["title"] or "Contract",
            "client": home.key,
            "user": User(settings.owner),
            "stage": stage("Won"),
            "date": event.time.date(),
        },
    )
    return (home, order)


def customer_id(incoming: Any) -> str | None:
    contract = incoming.read.get("contract")
    found = contract.get("customer_id") if isinstance(contract, dict) else None
    return str(found) if found else None


def early(body: Any) -> str | None:
    return "no lines yet" if isinstance(body, dict) and body.get("state") == "draft" else None


def means(answered: Answered) -> Verdict | None:
    return Verdict("early", "being made") if answered.status == 409 else None


def changed(item: Any) -> Occurred | None:
    found = item.get("id") if isinstance(item, dict) else None
    return Occurred("contract.signed", {"contract": {"id": found}}) if found else None


CHANGES = Changes(path="/contracts?since={since}", changed="updated_at", event=changed)
SOURCE = Source(
    url="https://api.avtal.example/v1",
    sign=bearer(),
    kinds={
        "contract": Kind(
            schema=Contract,
            get="/contracts/{id}",
            at="data",
            early=early,
            means=means,
            changed="updated_at",
            secret_fields=("signing_secret",),
            changes=CHANGES,
        ),
        "customer": Kind(schema=Customer, get="/customers/{id}"),
    },
)
HANDLES = Handles(
    Told,
    signed,
    subject=joined(":", constant("contract"), field("contract.id")),
    time=field("at"),
    fetch=(Get("contract", id=field("contract.id")), Get("customer", id=customer_id)),
)
CONNECTOR = Connector(
    name="avtal",
    title="Avtal",
    signature=HmacSha256("X-Avtal-Signature"),
    event_id=field("id"),
    event_type=field("event"),
    handles={"contract.signed": HANDLES},
    writes={"account": frozenset({"create"}), "order": frozenset({"create", "update"})},
    settings=Settings,
    handshakes=(echo_query("challenge", token="verify_token"),),
    source=SOURCE,
    unverified=True,
)
ANSWERS: Mapping[str, Recorded] = {
    "contract": Recorded(
        {
            "data": {
                "id": 77,
                "title": "Båtplats",
                "customer_id": "k-9",
                "signing_secret": "hemligt-hemligt",
                "updated_at": "2026-03-02T08:14:00Z",
                "lines": [{"id": 1, "price": "1200.00"}],
            }
        }
    ),
    "customer": Recorded({"name": "Åkeri & Söner AB"}),
}
NOW = "2026-03-02T08:15:06+00:00"
SETTINGS = {"owner": "asa.oberg@example.com"}


def request(number: int, **more: Any) -> dict[str, Any]:
    body = {"id": f"e-{number}", "event": "contract.signed", "at": "2026-03-02T08:15:00Z", "contract": {"id": 77}}
    return {"sample": True, "now": NOW, "settings": SETTINGS, "body": body} | more


def filed(connector: Connector, name: str, document: Mapping[str, Any], answers: Mapping[str, Recorded]) -> Filed:
    case = cases.load(document, connector, answers)
    return Filed(connector, name, case, cases.outcomes(connector, case))


def thin(answers: Mapping[str, Recorded] = ANSWERS, **changes: Any) -> Subject:
    """With a handshake and two events."""
    connector = replace(CONNECTOR, **changes)
    query = {"challenge": "abc", "verify_token": cases.VERIFY_TOKENS[0]}
    some = {"signed": request(1), "signed_again": request(2)}
    asked = {"now": NOW, "settings": SETTINGS, "method": "GET", "query": query}
    found = [filed(connector, name, document, answers) for name, document in some.items()]
    return Subject(connector, [*found, filed(connector, "asks", asked, {})], needs_page=False)


def with_kind(name: str = "contract", **changes: Any) -> Subject:
    kinds = {**SOURCE.kinds, name: replace(SOURCE.kinds[name], **changes)}
    return thin(source=replace(SOURCE, kinds=kinds))


def with_rule(**changes: Any) -> Subject:
    return thin(handles={"contract.signed": replace(HANDLES, **changes)})
