"""Converts values for fields of text, addresses and users."""

from __future__ import annotations

import re

from schemas.upsales.fields import text_problem
from worker.plan import User, Value
from worker.sdk.mapping.text import block
from worker.sync.typed.field import Converted, CustomField, Fit, Misfit, plain

ADDRESS = re.compile(r"[^@\s,;]+@[^@\s,;]+")
LINK = re.compile(r"[a-z][a-z0-9+.-]*:\S+|[^\s@]+\.[^\s@]+", re.IGNORECASE)


def text(field: CustomField, value: Value) -> Converted:
    told = plain(value)
    if problem := text_problem(told, None):
        return Misfit(told, problem)
    if text_problem(told, field.longest) is None:
        return Fit(told)
    return Fit(block(told, field.longest or len(told)), Misfit(told, f"cut at {field.longest} characters", partly=True))


def email(field: CustomField, value: Value) -> Converted:
    return _address(field, plain(value), ADDRESS, "a field for an e-mail address")


def link(field: CustomField, value: Value) -> Converted:
    return _address(field, plain(value), LINK, "a field for a web address")


def user(_: CustomField, value: Value) -> Converted:
    told = plain(value)
    return Fit(User(told)) if ADDRESS.fullmatch(told) else Misfit(told, "a field for a user, by e-mail address")


def _address(field: CustomField, told: str, form: re.Pattern[str], reason: str) -> Converted:
    """It is never cut: a part of an address is worth nothing."""
    if not form.fullmatch(told):
        return Misfit(told, reason)
    problem = text_problem(told, field.longest)
    return Misfit(told, problem) if problem else Fit(told)
