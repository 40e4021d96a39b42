"""Writes what fits no field of an order as its notes."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from worker.connectors.woocommerce.settings import Settings
from worker.sdk.mapping import email
from worker.sdk.mapping.notes import labelled, notes, ordered_by

SHOP_OWN = frozenset({"is_vat_exempt"})
"""What the shop itself keeps beside the answers of buyers. Keys of plugins that begin with `_` are no buyer's either."""


def order_notes(order: Mapping[str, Any], lines: Sequence[str], settings: Settings) -> str:
    return notes(order["customer_note"], lines, _told(order, settings))


def _told(order: Mapping[str, Any], settings: Settings) -> Iterator[str]:
    for each in order["meta_data"] or ():
        key, value = each["key"] or "", each["value"]
        shown = isinstance(value, str | int) and not isinstance(value, bool)
        if shown and key and not key.startswith("_") and key not in {*SHOP_OWN, settings.org_number_meta}:
            yield from labelled({key: str(value).strip()})
    yield from labelled(
        {
            "Coupon": ", ".join(each["code"] for each in order["coupon_lines"] or () if each["code"]),
            "Payment": order["payment_method_title"],
            **_who(order),
        }
    )


def _who(order: Mapping[str, Any]) -> dict[str, str | None]:
    at = order["billing"] or {}
    if not (at.get("first_name") or at.get("last_name")):
        at = {**(order["shipping"] or {}), **{name: value for name, value in at.items() if value}}
    return ordered_by(
        " ".join(filter(None, (at.get("first_name"), at.get("last_name")))),
        email(at.get("email")),
        at.get("phone"),
        at.get("address_1"),
        at.get("address_2"),
        " ".join(filter(None, (at.get("postcode"), at.get("city")))),
    )
