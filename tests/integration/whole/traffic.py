"""Makes five hundred webhooks of every sender, and the records that must stand in Upsales after them."""

from __future__ import annotations

import copy
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from importlib.resources import files
from random import Random
from typing import Any

from tests.chaos.scaled import ACCOUNTS
from tests.chaos.story import Story, story
from worker.cli.local import demo_setup
from worker.cli.local.demo_setup import DemoConnection
from worker.cli.local.samples import signed
from worker.connectors import all_connectors
from worker.connectors.generic import connector as generic
from worker.connectors.shopify import connector as shopify
from worker.connectors.typeform import connector as typeform
from worker.devkit import cases
from worker.devkit.cases import Case
from worker.sdk.request import Request

SEED = 20261123
STORY, ORDERS, RESPONSES = 380, 40, 50
CUSTOMERS, PEOPLE = 20, 25
SHOP_ACCOUNT, SAMPLES_ACCOUNT = 3, 4
OWNER = {"owner": "sales@example.com"}
NEVER_SENT = "Bolaget som ingen skickade AB"
BEGAN = datetime.now(UTC).replace(microsecond=0) - timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Sending:
    """One webhook, signed when it leaves. `genuine`: whether it is signed by the one who sends it."""

    demo_connection: DemoConnection
    case: Case
    genuine: bool = True

    def request(self, web: str) -> Request:
        url = f"{web}/webhooks/{self.demo_connection.connection}"
        made = signed(self.case, self.demo_connection.connector, url, self.demo_connection.secret, datetime.now(UTC))
        return made if self.genuine else replace(made, body=made.body + b" ")


@dataclass(frozen=True, slots=True)
class Traffic:
    """`accounts`: of each connection."""

    demo_connections: Sequence[DemoConnection]
    accounts: Mapping[str, int]
    story: Story
    sendings: Sequence[Sending]
    events: int

    @property
    def sandbox_keys(self) -> str:
        return ",".join(
            f"{each.connection}={each.api_key}@{self.accounts[each.connection]}" for each in self.demo_connections
        )


def traffic() -> Traffic:
    """Every tenth webhook is sent twice, and to every twentieth comes one that is not genuine."""
    random = Random(SEED)
    told = story(SEED, STORY)
    systems = {name: _system(name, generic, OWNER) for name in ACCOUNTS}
    shop = _system("butik", shopify, {**OWNER, "fallback_product": "ÖVRIGT", "stage_open": "90%"})
    forms = _system("enkat", typeform, OWNER)
    samples = demo_setup.demo_connections(all_connectors())
    own = [Sending(systems[event.connection], _generic(event.id, event.body)) for event in told.sendings]
    others = [
        *(Sending(shop, case) for case in _orders()),
        *(Sending(forms, case) for case in _responses()),
        *(Sending(each, case) for each in samples for case in each.cases),
    ]
    again = [sending for sending in others if random.random() < 0.1]
    forged = [
        Sending(shop, _order(number, 99, paid=True, company=NEVER_SENT), genuine=False) for number in range(900, 950)
    ]
    mixed = own + others + again + forged
    random.shuffle(mixed)
    accounts = {**ACCOUNTS, "butik": SHOP_ACCOUNT, "enkat": SHOP_ACCOUNT}
    return Traffic(
        demo_connections=[*systems.values(), shop, forms, *samples],
        accounts=accounts | {each.connection: SAMPLES_ACCOUNT for each in samples},
        story=told,
        sendings=mixed,
        events=len(told.events) + len(others),
    )


def _system(name: str, connector: Any, settings: Mapping[str, Any]) -> DemoConnection:
    case = cases.load({"body": {}, "now": BEGAN.isoformat(), "settings": settings}, connector)
    return demo_setup.demo_connection_of(name, connector, [case])


def _generic(event: str, body: bytes) -> Case:
    document = {"body": json.loads(body), "now": BEGAN.isoformat(), "headers": {"webhook-id": event}}
    return cases.load(document, generic)


def _sample(connector: str, name: str) -> dict[str, Any]:
    text = files("worker.connectors").joinpath(connector, "cases", name, "request.json").read_text("utf-8")
    found: dict[str, Any] = json.loads(text)
    return found


def _orders() -> Iterator[Case]:
    """Each order is told twice: when it is placed, and when it is paid."""
    for number in range(ORDERS):
        yield _order(number, number % CUSTOMERS, paid=False)
        yield _order(number, number % CUSTOMERS, paid=True)


def _order(number: int, customer: int, *, paid: bool, company: str = "") -> Case:
    document = copy.deepcopy(_sample("shopify", "order_paid"))
    body, headers = document["body"], document["headers"]
    company = company or shop_company(customer)
    who = {"first_name": "Åsa", "last_name": f"Öberg-{customer}"}
    body |= {
        "id": 5_000_000 + number,
        "name": f"#{number}",
        "email": shop_email(customer),
        "financial_status": "paid" if paid else "pending",
        "created_at": BEGAN.isoformat(),
        "updated_at": (BEGAN + timedelta(seconds=number + 3600 * paid)).isoformat(),
        "company": {"id": 88_000 + customer % 8, "location_id": 1},
    }
    body["customer"] |= {"id": 7_000_000 + customer, "email": shop_email(customer), **who}
    for address in (body["customer"]["default_address"], body["billing_address"], body["shipping_address"]):
        address |= {"company": company, **who}
    body["line_items"][0] |= {"id": 14_000 + number, "price": f"{100 + number}.00", "tax_lines": []}
    body["line_items"][0] |= {"quantity": 1 + number % 5, "current_quantity": 1 + number % 5}
    # The sample's totals are of its own lines.
    for told in [name for name in body if name.startswith(("total_", "current_", "subtotal_"))]:
        del body[told]
    headers["X-Shopify-Topic"] = "orders/paid" if paid else "orders/create"
    headers["X-Shopify-Event-Id"] = headers["X-Shopify-Webhook-Id"] = f"{number}-{paid}"
    return cases.load(document, shopify)


def _responses() -> Iterator[Case]:
    for number in range(RESPONSES):
        document = copy.deepcopy(_sample("typeform", "lead_with_company"))
        response = document["body"]["form_response"]
        document["body"]["event_id"] = response["token"] = f"svar-{number}"
        response["submitted_at"] = (BEGAN + timedelta(seconds=number)).isoformat()
        person = number % PEOPLE
        said = {"q1x1": f"Öberg-{person}", "q1x2": form_company(person), "q1x5": f"Önskar sig {number}"}
        for answer in response["answers"]:
            if answer["field"]["id"] in said:
                answer["text"] = said[answer["field"]["id"]]
            if answer["type"] == "email":
                answer["email"] = form_email(person)
        yield cases.load(document, typeform)


def shop_company(customer: int) -> str:
    return f"Göteborgs Mekaniska {customer % 8} AB"


def shop_email(customer: int) -> str:
    return f"kund{customer}@mekaniska{customer % 8}.example"


def form_company(person: int) -> str:
    return f"Fjällkonsult i Umeå {person % 6} AB"


def form_email(person: int) -> str:
    return f"person{person}@konsult{person % 6}.example"


def expected_in_the_shops_account() -> Mapping[str, Sequence[tuple[Any, ...]]]:
    """By resource: what a person would know each record by, in order."""
    customers, people = range(CUSTOMERS), range(PEOPLE)
    companies = {shop_company(each) for each in customers} | {form_company(each) for each in people}
    contacts = [(shop_email(each), shop_company(each)) for each in customers]
    contacts += [(form_email(each), form_company(each)) for each in people]
    orders = [
        (f"Shopify #{number}", float((1 + number % 5) * (100 + number)), "Order", shop_company(number % CUSTOMERS))
        for number in range(ORDERS)
    ]
    forms = [(form_email(number % PEOPLE), f"Önskar sig {number}") for number in range(RESPONSES)]
    return {
        "accounts": sorted((name,) for name in companies),
        "contacts": sorted(contacts),
        "orders": sorted(orders),
        "activities": sorted(forms),
    }


def seen_in_the_shops_account(
    records: Mapping[str, Sequence[Mapping[str, Any]]],
) -> Mapping[str, Sequence[tuple[Any, ...]]]:
    names = {each["id"]: each["name"] for each in records["accounts"]}
    emails = {each["id"]: each["email"] for each in records["contacts"]}
    wishes = [
        (emails[each["contacts"][0]["id"]], "Önskar" + each["notes"].partition("Önskar")[2].partition("\n")[0])
        for each in records["activities"]
    ]
    orders = [
        (each["description"], float(each["value"]), each["stage"]["name"], names[each["client"]["id"]])
        for each in records["orders"]
    ]
    return {
        "accounts": sorted((name,) for name in names.values()),
        "contacts": sorted((each["email"], names[each["client"]["id"]]) for each in records["contacts"]),
        "orders": sorted(orders),
        "activities": sorted(wishes),
    }
