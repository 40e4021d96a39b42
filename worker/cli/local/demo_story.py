"""Tells of one customer as four systems would: a form, HubSpot, a booking page, a shop."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from worker.cli.local.demo_setup import DemoConnection, demo_connection_of
from worker.cli.local.samples import samples_of
from worker.connectors import all_connectors
from worker.devkit.cases import Case
from worker.sdk.connector import Connector

ACCOUNT, SCRIPT_ACCOUNT = 2, 3
"""Of the story, and of the script that does the same beside it. The samples have account 1."""
COMPANY, PERSON, EMAIL = "Vik Kajak AB", "Nora Vik", "nora@vikkajak.example"
ORDER, TWICE, CUT, KILLED = "2001", "2002", "2003", "2004"
"""The story's, and one for each thing that goes wrong."""


@dataclass(frozen=True, slots=True)
class Told:
    """What one webhook says, in short: all that a script needs. `order`: its number."""

    company: str
    order: str | None = None
    paid: bool = False

    def as_json(self) -> str:
        return json.dumps(
            {"company": self.company, "person": PERSON, "email": EMAIL, "order": self.order, "paid": self.paid}
        )


@dataclass(frozen=True, slots=True)
class Step:
    """One webhook: where it goes, what it says, and what it is to people."""

    connection: str
    case: Case
    told: Told
    says: str


@dataclass(frozen=True, slots=True)
class Story:
    connections: Sequence[DemoConnection]
    steps: Sequence[Step]

    def connection(self, name: str) -> DemoConnection:
        return next(each for each in self.connections if each.connection == name)


FORM = {
    "Maja.Lindgren@fjallkonsult.example": EMAIL,
    "Fjällkonsult i Umeå AB": COMPANY,
    "Maja": "Nora",
    "Lindgren": "Vik",
}
HUBSPOT = {
    "Ulrika@fjallens.example": EMAIL,
    "fjallens.example": "vikkajak.example",
    "Fjällens Snickeri AB": "Vik Kajak Aktiebolag",
    "Ulrika": "Nora",
    "Ödman": "Vik",
}
BOOKING = {
    "Bjorn.Ek@fjallkonsult.example": EMAIL,
    "Fjällkonsult i Umeå AB": COMPANY,
    "Björn Ek": PERSON,
}


def story() -> Story:
    by_name = {connector.name: connector for connector in all_connectors()}
    form = _told(by_name["typeform"], "lead_with_company", FORM)
    hubspot = _told(by_name["hubspot"], "workflow_contact", HUBSPOT)
    booking = _told(by_name["calendly"], "booked", BOOKING)
    shop = shop_order(ORDER)
    steps = (
        Step("form", form, Told(COMPANY), f"{PERSON} of {COMPANY} fills in a form"),
        Step("crm", hubspot, Told("Vik Kajak Aktiebolag"), "HubSpot has the lead, as Vik Kajak Aktiebolag"),
        Step("booking", booking, Told(COMPANY), "She books a meeting"),
        order_step(ORDER, f"VIK KAJAK AB orders in the shop, #{ORDER}"),
        Step("shop", shop_order(ORDER, paid=True), Told("VIK KAJAK AB", ORDER, paid=True), "The order is paid"),
    )
    connections = (
        _connection("form", by_name["typeform"], form),
        _connection("crm", by_name["hubspot"], hubspot),
        _connection("booking", by_name["calendly"], booking),
        _connection("shop", by_name["shopify"], shop),
    )
    return Story(connections, steps)


def order_step(number: str, says: str) -> Step:
    return Step("shop", shop_order(number), Told("VIK KAJAK AB", number), says)


def shop_order(number: str, *, paid: bool = False) -> Case:
    """Made from the sample of a paid order."""
    shopify = next(connector for connector in all_connectors() if connector.name == "shopify")
    words = {
        "Göteborgs Mekaniska Verkstad AB": "VIK KAJAK AB",
        "bjorn@gbgmek.example": EMAIL,
        "Björn": "Nora",
        "Ångström": "Vik",
        "#1002": f"#{number}",
        "5123456789002": f"512345678{number}",
        "7012345678902": "7012345670001",
        "14003": f"1{number}",
    }
    if not paid:
        words |= {'"paid"': '"pending"', "10:00:00+01:00": "09:15:03+01:00"}
    case = _told(shopify, "order_paid", words)
    topic = "orders/paid" if paid else "orders/create"
    ours = {
        "x-shopify-topic": topic,
        "x-shopify-event-id": f"{number}-{topic}",
        "x-shopify-webhook-id": f"{number}-{topic}",
    }
    headers = tuple((name, ours.get(name, value)) for name, value in case.request.headers)
    return replace(case, request=replace(case.request, headers=headers))


def _told(connector: Connector, sample: str, words: Mapping[str, str]) -> Case:
    """The connector's sample in other words. Raises KeyError when the sample does not have one of them."""
    case = samples_of(connector)[sample]
    text = case.request.body.decode()
    for old, new in words.items():
        if old not in text:
            raise KeyError(f"{connector.name} {sample} has no {old}")
        text = text.replace(old, new)
    return replace(case, request=replace(case.request, body=text.encode()))


def _connection(name: str, connector: Connector, case: Case) -> DemoConnection:
    return replace(demo_connection_of(name, connector, [case]), account=ACCOUNT)
