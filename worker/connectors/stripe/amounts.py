"""Reads amounts, which Stripe tells in a currency's smallest unit.

https://docs.stripe.com/currencies#minor-units
"""

from __future__ import annotations

from decimal import Decimal

ZERO_DECIMALS = frozenset(
    {"BIF", "CLP", "DJF", "GNF", "JPY", "KMF", "KRW", "MGA", "PYG", "RWF", "VND", "VUV", "XAF", "XOF", "XPF"}
)
THREE_DECIMALS = frozenset({"BHD", "JOD", "KWD", "OMR", "TND"})
# ISK and UGX have no decimals either, but keep two in Stripe's API: https://docs.stripe.com/currencies#special-cases


def decimals(currency: str) -> int:
    if currency in ZERO_DECIMALS:
        return 0
    return 3 if currency in THREE_DECIMALS else 2


def amount(minor: Decimal | int | None, currency: str) -> Decimal:
    return Decimal(minor or 0).scaleb(-decimals(currency))


def shown(minor: int | None, currency: str) -> str:
    return f"{amount(minor, currency)} {currency}"
