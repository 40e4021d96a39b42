"""Money as exact decimals."""

from __future__ import annotations

from decimal import ROUND_HALF_UP, Context, Decimal


def money(amount: Decimal | float | str | None) -> Decimal:
    """Nothing is zero; a float means the digits it is written with."""
    return Decimal(str(amount)) if amount else Decimal()


def rounded(amount: Decimal, decimals: int = 2) -> Decimal:
    """Commercially: half a unit goes away from zero."""
    return amount.quantize(Decimal(1).scaleb(-decimals), ROUND_HALF_UP, Context(prec=60))
