"""Names the state that a person saw, so that a decision about another one is not taken."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Sequence
from typing import Any, Final

from sqlalchemy import Connection

from worker.plan import Key
from worker.store.ledger import links
from worker.store.people import audit
from worker.store.people.audit import Deed

ACTS: Final = {"adopt": "review-adopt", "create": "review-create", "drop": "review-drop"}
LOOKED_AT = 50


def tag_of(conn: Connection, event: Any, keys: Iterable[Key]) -> str:
    """Of an event, or its row, and of what its keys are linked to."""
    asked = event.review_key
    state: list[Any] = [
        event.id,
        event.status,
        event.done_at and event.done_at.isoformat(),
        event.reason,
        asked and [asked.connection, asked.resource, asked.id],
        list(event.candidates or ()),
    ]
    for key in keys:
        link = links.find(conn, event.connection, key)
        state.append([key.resource, key.id, *((link.state, link.record_id, link.call_id) if link is not None else ())])
    return hashlib.sha256(json.dumps(state).encode()).hexdigest()[:20]


def last_decision(conn: Connection, event: str) -> Deed | None:
    """By whom, as what, of all that people did about the event."""
    deeds: Sequence[Deed] = audit.listed(conn, about=f"event/{event}", limit=LOOKED_AT)
    return next((deed for deed in deeds if deed.act in ACTS.values()), None)
