"""Does what Upsales does by itself after a write: a subscription's first order."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import TypeAlias

from web.sandbox.answers import Record
from web.sandbox.entities import ENTITIES
from web.sandbox.writes import Write, create

Effect: TypeAlias = Callable[[Record, Write], Record | None]
"""May answer the `metadata` of the response."""


def first_order(agreement: Record, write: Write) -> Record | None:
    if write.before:
        return None
    copied = {name: agreement[name] for name in ("description", "client", "user", "stage", "orderRow", "currency")}
    body = {**copied, "date": agreement["metadata"]["agreementStartdate"], "agreement": {"id": agreement["id"]}}
    order = create(replace(write, entity=ENTITIES["orders"], body=body, person=True))
    # A string, as in the vendor's example of a created subscription.
    return {"createdOrderId": str(order["id"]), "diffCreated": False}


EFFECTS: Mapping[str, Effect] = {"agreements": first_order}
