"""Reads the three addresses of a customer."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from worker.plan import Value
from worker.sdk.mapping import address


def addresses(customer: Mapping[str, Any]) -> Iterator[Value]:
    lines = ", ".join(filter(None, (customer["Address1"], customer["Address2"])))
    delivery = ", ".join(filter(None, (customer["DeliveryAddress1"], customer["DeliveryAddress2"])))
    found = (
        address("Visit", street=customer["VisitingAddress"], **_place(customer, "Visiting")),
        address("Invoice", street=lines, **_place(customer, "")),
        address("Delivery", street=delivery, **_place(customer, "Delivery")),
    )
    # A country alone is no address.
    yield from (each for each in found if each and set(each) > {"type", "country"})


def _place(customer: Mapping[str, Any], which: str) -> dict[str, str | None]:
    names = {"zipcode": "ZipCode", "city": "City", "country": "CountryCode"}
    return {ours: customer[f"{which}{theirs}"] for ours, theirs in names.items()}
