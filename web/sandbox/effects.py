"""What Upsales does by itself after a write: a subscription's first order, enrichment from the company register."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, TypeAlias

from web.sandbox.answers import Record
from web.sandbox.entities import ENTITIES
from web.sandbox.writes import Write, create

if TYPE_CHECKING:
    from web.sandbox.world import World

Effect: TypeAlias = "Callable[[Record, Write, World], Record | None]"
"""May answer the `metadata` of the response."""

ENRICHED_AFTER = 2.0
"""Seconds from an account's write until the register's values replace it."""


def first_order(agreement: Record, write: Write, _: World) -> Record | None:
    if write.before:
        return None
    if not write.guesses.agreement_creates_order:
        return {"createdOrderId": None, "diffCreated": False}
    copied = {name: agreement[name] for name in ("description", "client", "user", "stage", "orderRow", "currency")}
    body = {**copied, "date": agreement["metadata"]["agreementStartdate"], "agreement": {"id": agreement["id"]}}
    order = create(replace(write, entity=ENTITIES["orders"], body=body, person=True))
    # A string, as in the vendor's example of a created subscription.
    return {"createdOrderId": str(order["id"]), "diffCreated": False}


def enrich(account: Record, write: Write, world: World) -> None:
    """Let the register overwrite an account it knows by exact name or organisation number, a little later."""
    if write.guesses.enrichment and (found := _registered(account, world)):
        world.later(write.now + ENRICHED_AFTER, lambda due: _fill(account["id"], found, write, due))


def _registered(account: Record, world: World) -> Record | None:
    known = [
        row
        for row in world.register
        if row.get("name") == account["name"] or _digits(row.get("orgNo")) == (_digits(account["orgNo"]) or "-")
    ]
    return known[0] if len(known) == 1 else None


def _digits(number: str | None) -> str:
    return (number or "").replace("-", "").replace(" ", "")


def _fill(account_id: int, found: Record, write: Write, due: float) -> None:
    record = write.customer.get("accounts", account_id)
    if record:
        write.customer.put("accounts", {**record, **found}, due)


EFFECTS: Mapping[str, Effect] = {"agreements": first_order, "accounts": enrich}
