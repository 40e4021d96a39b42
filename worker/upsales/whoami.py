"""Reads the account and the user of a key from the answer of `GET /self`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

from worker.sync.records import Json
from worker.upsales.outcome import Reply
from worker.upsales.reads import without


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """`id`, `name`: the customer's at Upsales. `server_date`: Upsales's clock when it answered."""

    id: int
    name: str
    user_id: int
    user_email: str
    user_name: str
    server_date: datetime | None = None


def account(payload: Json, reply: Reply) -> Account:
    """From the answer of `GET /self`. Only a `data.id` proves the key."""
    data = payload.get("data") if isinstance(payload, Mapping) else None
    user_id = data.get("id") if isinstance(data, Mapping) else None
    if not isinstance(data, Mapping) or not isinstance(user_id, int):
        raise without("GET /self", "a user", reply)
    customer = data.get("client") or next(iter(data.get("clients") or ()), None) or {}
    if not isinstance(customer, Mapping) or not isinstance(customer.get("id"), int):
        raise without("GET /self", "the account's id", reply)
    return Account(
        id=customer["id"],
        name=str(customer.get("name") or ""),
        user_id=user_id,
        user_email=str(data.get("email") or ""),
        user_name=str(data.get("name") or ""),
        server_date=_date(reply.headers.get("date")),
    )


def _date(header: str | None) -> datetime | None:
    try:
        return parsedate_to_datetime(header).astimezone(UTC) if header else None
    except ValueError:
        return None
