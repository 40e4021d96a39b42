"""Counts how old a version of a sender's API is."""

from __future__ import annotations

from datetime import date

MONTHS = 12


def months_old(year: int, month: int, today: date) -> int:
    """Full calendar months since that one; below zero for one to come."""
    return (today.year - year) * MONTHS + today.month - month
