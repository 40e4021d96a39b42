"""Maps customers to companies, and articles to products."""

from __future__ import annotations

from worker.connectors.fortnox import parties, reading
from worker.connectors.fortnox.custom import custom
from worker.connectors.fortnox.settings import Settings
from worker.plan import Ignored, Key, Match, Plan, Upsert
from worker.sdk.connector import Event
from worker.sdk.mapping import ARTICLE_NO, clip, filled

PRODUCT_NAME = 100


def customer(event: Event, settings: Settings) -> Plan | Ignored:
    said = reading.read(event, "customer")
    home = parties.home(said, settings)
    return (*home.upserts, *parties.person(said, home, settings))


def deleted(event: Event, settings: Settings) -> Plan | Ignored:
    """The company stays, without a number at Fortnox."""
    own = Key("account", parties.key(event.payload["entityId"]))
    emptied = custom("account", {"customer_number": None, "active": False}, settings)
    return (Upsert(key=own, set=emptied, create=False),) if emptied else Ignored("deleted customers are kept")


def article(event: Event, _settings: Settings) -> Plan | Ignored:
    """Made, and then left to people: Upsales's products have prices and names of their own."""
    said = reading.read(event, "article")
    if said["Active"] is False:
        return Ignored("article that is not active")
    number, name = clip(said["ArticleNumber"], ARTICLE_NO), clip(said["Description"] or "", PRODUCT_NAME)
    if not name:
        return Ignored("article without a description")
    return (
        Upsert(
            key=Key("product", f"article:{said['ArticleNumber']}"),
            match=(Match("articleNo", number, shared=True),),
            on_create=filled({"name": name, "articleNo": number, "listPrice": said["SalesPrice"]}),
        ),
    )
