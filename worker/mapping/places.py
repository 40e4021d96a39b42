"""Postal addresses as Upsales holds them."""

from __future__ import annotations

from typing import Literal

import pycountry

from worker.mapping.text import clip
from worker.mapping.values import filled
from worker.plan import Value

LINE = 100


def country_name(code: str | None) -> str | None:
    """The English name of an ISO 3166 code; anything else stays as it is."""
    written = (code or "").strip()
    country = pycountry.countries.get(alpha_2=written.upper()) if len(written) == 2 else None
    if country is None:
        return written or None
    return str(getattr(country, "common_name", country.name))


def address(
    kind: Literal["Visit", "Mail", "Invoice", "Delivery", "Other"],
    *,
    street: str | None,
    zipcode: str | None,
    city: str | None,
    state: str | None = None,
    country: str | None = None,
) -> dict[str, Value] | None:
    """None when nothing of it is known."""
    parts = {"address": street, "zipcode": zipcode, "city": city, "state": state, "country": country_name(country)}
    known = filled({name: clip(part or "", LINE) for name, part in parts.items()})
    return {"type": kind, **known} if known else None
