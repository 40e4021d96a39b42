"""A sender that lists its orders, and a reader of the lists that it would answer."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from tests.senders import Anything
from worker.plan import Key, Match, Placed, Plan, Product, Row, Stage, Standing, Upsert, User
from worker.sdk.connector import Connector, Event, Handles
from worker.sdk.mapping import constant, header, joined
from worker.sdk.mapping import field as at
from worker.sdk.signatures import UrlToken
from worker.sdk.source import Changes, Kind, Occurred, Source, bearer
from worker.settings import Connection
from worker.sources.ports import Page, Thing
from worker.sync.adoption import Adoption

READ_AT = datetime(2026, 11, 30, 12, tzinfo=UTC)
SELLER = User("säljare@öberg.se", fallback="sales@example.com")
ADOPTION = Adoption("description", "#{number}")


def sold(event: Event, _settings: Any) -> Plan:
    """An order of a company that is told by its number."""
    said = event.payload
    buyer = Key("account", f"company:{said['org_no']}")
    row = Row("1", Product("A-1"), Decimal(1), Decimal(said.get("amount", 100)))
    return (
        Upsert(
            key=buyer,
            match=(Match("orgNo", said["org_no"], shared=True),),
            on_create={"name": said["company"], "orgNo": said["org_no"], "users": (SELLER,)},
        ),
        Upsert(
            key=Key("order", f"order:{said['id']}"),
            number=str(said["id"]),
            set={"stage": Stage(probability=100), "orderRow": (row,), "notes": said.get("notes", "")},
            on_create={
                "description": f"Bod #{said['id']}",
                "date": event.time.date(),
                "user": SELLER,
            },
            placed={"client": (Placed(buyer, Standing.TOLD),)},
        ),
    )


def occurred(item: Mapping[str, Any]) -> Occurred | None:
    return None if item.get("draft") else Occurred("order.updated", item)


ORDER = Handles(Anything, sold, subject=joined(":", constant("order"), at("id")), time=at("updated_at"))

connector = Connector(
    name="bod",
    title="Bod",
    signature=UrlToken(),
    event_id=header("x-id"),
    event_type=header("x-type"),
    handles={"order.created": ORDER, "order.updated": ORDER},
    writes={"account": frozenset({"create", "update"}), "order": frozenset({"create", "update"})},
    source=Source(
        url="https://bod.example/api",
        sign=bearer(),
        kinds={
            "order": Kind(
                schema=Anything,
                changes=Changes(path="/orders?since={since}", changed="updated_at", event=occurred),
            )
        },
    ),
    columns={"order.updated": {"Ordernr": "id", "Org.nr": "org_no", "Företag": "company", "Ändrad": "updated_at"}},
)


def shop(name: str = "butik", adoption: Adoption | None = None) -> Connection:
    return Connection(name=name, connector=connector, settings=None, writes=connector.writes, adoption=adoption)


def order(number: int, company: str = "5599990001", minute: int = 0, **told: Any) -> dict[str, Any]:
    at = f"2026-11-02T12:{minute:02}:00+00:00"
    return {"id": number, "org_no": company, "company": f"Åkeri {company[-3:]} AB", "updated_at": at, **told}


@dataclass
class ListReader:
    """Lists in pages. `asked`: which were read."""

    things: Sequence[Any]
    size: int = 10
    asked: list[tuple[str, str | None]] = field(default_factory=list)

    def get(self, kind: str, thing: str, *, event: str | None = None) -> Thing:
        assert event is None, "nothing waits for it"
        return Thing(kind=kind, id=thing, body=next(x for x in self.things if str(x["id"]) == thing), read_at=READ_AT)

    def page(self, kind: str, since: datetime | None, bookmark: str | None = None) -> Page:  # noqa: ARG002 - the port's signature
        self.asked.append((kind, bookmark))
        begin = int(bookmark or 0)
        end = begin + self.size
        following = str(end) if end < len(self.things) else None
        return Page(kind=kind, items=self.things[begin:end], bookmark=following, read_at=READ_AT)
