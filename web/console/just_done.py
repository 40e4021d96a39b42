"""Reads what was just done, by its number in the address."""

from __future__ import annotations

from flask import request

from worker.admin.known import ask
from worker.store import Store
from worker.store.people import audit
from worker.store.people.audit import Deed

LONGEST = 18


def just_done(store: Store, about: str) -> Deed | None:
    """None where `?done=` names nothing that was done to this, and where that is not known."""
    number = request.args.get("done", "")
    if not (number.isascii() and number.isdecimal() and len(number) <= LONGEST):
        return None
    found = ask(store, lambda conn: audit.get(conn, int(number))).value
    return found if found is not None and found.about == about else None
