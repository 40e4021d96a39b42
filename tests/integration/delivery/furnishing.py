"""Gives an Upsales account what plans take for granted: stages, types, articles, fields, and records that were made before."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, fields, is_dataclass
from typing import Any

from sqlalchemy import insert

from tests.integration.delivery.room import Sandbox
from web.sandbox.seeds import FURNITURE
from worker.plan import ActivityType, Key, Plan, Product, Resource, Stage, Upsert, User
from worker.store import Store
from worker.store.db.clock import db_now
from worker.store.db.tables import links

COLLECTION: Mapping[Resource, str] = {
    "account": "accounts",
    "contact": "contacts",
    "order": "orders",
    "activity": "activities",
    "appointment": "appointments",
    "product": "products",
}

SOLD = {row["articleNo"] for row in FURNITURE["products"]}
EMPLOYED = {row["email"] for row in FURNITURE["users"]}
LIKELY = {row["probability"] for row in FURNITURE["orderstages"]}


@dataclass(slots=True)
class Furniture:
    """Of the account of one connection."""

    store: Store
    sandbox: Sandbox
    connection: str
    account: int
    there: set[tuple[str, str]] = field(default_factory=set)

    def for_plans(self, plans: Sequence[Plan]) -> None:
        """Things of its sender's that none of the plans makes were told of before."""
        upserts = [upsert for plan in plans for upsert in plan]
        made = {upsert.key for upsert in upserts if upsert.create}
        for upsert in upserts:
            for name in (*(name for name, _ in upsert.fields), *(match.field for match in upsert.match)):
                if name.startswith("custom."):
                    alias = name.removeprefix("custom.")
                    self._once(f"customfields/{upsert.key.resource}", alias, alias=alias, datatype="String")
            for value in values(upsert):
                self._value(value, made)

    def _value(self, value: Any, made: set[Key]) -> None:
        match value:
            case Stage(name=str(name), probability=probability):
                self._once("orderstages", name, probability=probability or 50)
            case Stage(probability=int(probability)) if probability not in LIKELY:
                self._once("orderstages", f"{probability} %", probability=probability)
            case ActivityType(kind=kind, name=str(name)):
                self._once(f"activitytypes/{kind}", name)
            case Product(article_no=None, fallback=str(article)) | Product(article_no=str(article)):
                if article not in SOLD:
                    self._once("products", article, articleNo=article)
            case User(email=email) if email not in EMPLOYED:
                self._once("users", email, email=email)
            case Key(resource=resource) if value not in made and resource in COLLECTION:
                self._linked(value)

    def _linked(self, key: Key) -> None:
        if ("links", str(key)) in self.there:
            return
        self.there.add(("links", str(key)))
        record = self._makes(COLLECTION[key.resource], self._needed(key.resource))
        with self.store.write() as conn:
            conn.execute(
                insert(links).values(
                    connection=self.connection,
                    resource=key.resource,
                    key=key.id,
                    account=self.account,
                    state="linked",
                    record_id=record,
                    created_at=db_now(),
                )
            )

    def _needed(self, resource: Resource) -> Mapping[str, Any]:
        if resource in {"account", "product"}:
            return {"name": "Från förr AB"}
        client = {"client": {"id": self._makes("accounts", {"name": "Från förr AB"})}}
        return client if resource == "contact" else {**client, **self._who_and_what()}

    def _who_and_what(self) -> Mapping[str, Any]:
        user, product = {"id": self._first("users")}, {"id": self._first("products")}
        return {
            "description": "Från förr",
            "date": "2026-01-02",
            "user": user,
            "users": [user],
            "stage": {"id": self._first("orderstages")},
            "activityType": {"id": self._first("activitytypes/activity")},
            "orderRow": [{"product": product, "quantity": 1, "price": 1}],
        }

    def _first(self, collection: str) -> int:
        state = self.sandbox.control("GET", f"/state?account={self.account}&resource={collection}")
        return int(state["accounts"][str(self.account)]["records"][collection][0]["id"])

    def _once(self, collection: str, name: str, **data: Any) -> None:
        if (collection, name) not in self.there:
            self.there.add((collection, name))
            self._makes(collection, {"name": name, **data})

    def _makes(self, collection: str, data: Mapping[str, Any]) -> int:
        """As a person."""
        seeded = self.sandbox.control("POST", "/seed", {"account": self.account, "records": {collection: [data]}})
        return int(seeded["made"][collection][0])


def values(value: Any) -> Iterator[Any]:
    """Everything in it, itself first. What an upsert stands for is no value of it."""
    yield value
    if isinstance(value, Mapping):
        for each in value.values():
            yield from values(each)
    elif isinstance(value, tuple):
        for each in value:
            yield from values(each)
    elif is_dataclass(value) and not isinstance(value, type):
        for part in fields(value):
            if not (isinstance(value, Upsert) and part.name in {"key", "also", "merged_into", "instead_of"}):
                yield from values(getattr(value, part.name))
