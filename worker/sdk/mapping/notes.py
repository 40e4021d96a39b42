"""Writes what fits no field of an order as lines of its notes."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from decimal import Decimal

from worker.sdk.mapping.text import block, clip

LINE = 200


def notes(message: str | None, *groups: Iterable[str]) -> str:
    """What the buyer wrote, then the groups of lines, each after a blank line."""
    blocks = [message or "", *("\n".join(clip(line, LINE) for line in group) for group in groups)]
    return block("\n\n".join(filter(None, blocks)))


def labelled(pairs: Mapping[str, str | None]) -> list[str]:
    """`PO number: 4711`, for what is known."""
    return [f"{label}: {text}" for label, text in pairs.items() if text]


def sold(quantity: Decimal | int, title: str | None, article: str | None = None) -> str:
    """`2 x Lampa Skymning (LAMPA-1)`. A row in Upsales has the product's name and no other."""
    number = f"{Decimal(quantity).normalize():f}"
    named = f"{title} ({article})" if title and article and article not in title else title or article
    return f"{number} x {named or '?'}"


def ordered_by(name: str, mail: str | None, phone: str | None, *address: str | None) -> dict[str, str | None]:
    """Who ordered: two people may have one e-mail address. Who has none is no contact, so phone and address are here."""
    if mail:
        return {"Ordered by": name}
    return {"Ordered by": name, "Phone": phone, "Address": ", ".join(filter(None, address))}
