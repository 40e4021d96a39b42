"""Names external things as a person would know them."""

from __future__ import annotations

from dataclasses import dataclass

RESOURCES = {
    "account": "accounts",
    "contact": "contacts",
    "order": "orders",
    "product": "products",
    "activity": "activities",
    "appointment": "appointments",
    "phonecall": "phonecall",
    "comment": "comments",
}

OPTED_OUT = "opted out"
"""Since when, Upsales says by its own clock."""


@dataclass(frozen=True, slots=True, order=True)
class Thing:
    """An external thing: what a person would know it by."""

    account: int
    resource: str
    name: str

    def __str__(self) -> str:
        return f"{self.resource} {self.name} in account {self.account}"
