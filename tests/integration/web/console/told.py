"""Events of the generic format as the receiver stores them, and what may become of one."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from sqlalchemy import update

from tests.integration.web.console.stage import Stage
from web.inbound import arrival
from worker.sdk.request import Request
from worker.settings import Connection
from worker.store.db.tables import calls, events
from worker.store.events.intake import accept
from worker.store.lanes import connections
from worker.store.ledger.journal import ReadCall, noted

SECRET = "hemlighet-fran-butiken-4711"
PERSON = {"id": "P-7", "name": "Åsa Öberg", "email": "asa.oberg@example.com", "phone": "070-174 06 05"}
COMPANY = {"id": "K-17", "name": "Åkeri i Norr AB", "orgNo": "556677-8842", "phone": "+46 8 123 45 67"}
WORDS = ("Åsa", "Öberg", "asa.oberg", "070-174 06 05", "Åkeri", "556677-8842", "123 45 67")
"""What nobody may see who did not ask."""


def contact(event_id: str = "e1", **data: Any) -> Mapping[str, Any]:
    told = {**PERSON, "client": {"id": "K-17"}, **data}
    return {"id": event_id, "type": "contact.upsert", "time": "2026-11-02T12:00:00Z", "data": told}


def company(event_id: str = "e0", **data: Any) -> Mapping[str, Any]:
    return {"id": event_id, "type": "account.upsert", "time": "2026-11-02T12:00:00Z", "data": {**COMPANY, **data}}


def receive(stage: Stage, document: Any, connection: str = "butik", **headers: str) -> str:
    """Our id of the first event of a request."""
    body = document if isinstance(document, bytes) else json.dumps(document, ensure_ascii=False).encode()
    sent = {"content-type": "application/json", "authorization": f"Bearer {SECRET}", "x-forwarded-for": "192.0.2.7"}
    request = Request(
        "POST",
        f"https://relay.example/webhooks/{connection}?till=Anna",
        tuple({**sent, **headers}.items()),
        body,
    )
    configured: Connection = stage.settings.connections[connection]
    arrived = arrival(request, configured, [SECRET], stage.parts.keys.fingerprint)
    with stage.store.write() as conn:
        (receipt,) = accept(conn, [arrived])
    return receipt.events[0].id


def ended(stage: Stage, event: str, status: str, reason: str | None = None, **values: Any) -> None:
    with stage.store.write() as conn:
        conn.execute(update(events).where(events.c.id == event).values(status=status, reason=reason, **values))


def bound(stage: Stage, account: int = 41, connection: str = "butik") -> None:
    with stage.store.write() as conn:
        connections.locked(conn, connection)
        connections.change(conn, connection, account=account)


def called(stage: Stage, event: str, method: str = "POST", **values: Any) -> None:
    """A call that was made for an event."""
    about = ReadCall(
        connection="butik", fingerprint="9c1e9c1e9c1e", resource="contact", account=41, event=event, method=method
    )
    call = noted(stage.store, about, status=200, duration=0.041)
    if values:
        with stage.store.write() as conn:
            conn.execute(update(calls).where(calls.c.id == call).values(**values))
