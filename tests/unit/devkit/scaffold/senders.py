"""Captured requests of invented senders, each with a way of its own."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from worker.devkit.capture.capture import Capture, telling

NOW = datetime(2026, 3, 2, 8, 15, 6, tzinfo=UTC)
HEX = "0f" * 32
FORM = {"Content-Type": "application/x-www-form-urlencoded"}

PERSON = {"id": "C-17", "first_name": "Åsa", "last_name": "Öberg", "email": "asa@akeri.example"}

SENDERS: Mapping[str, Sequence[tuple[Mapping[str, str], Any]]] = {
    "wrapped": [
        (
            {"Stripe-Signature": "t=1772439302,v1=abc"},
            {
                "id": "evt_1",
                "type": "invoice.paid",
                "created": 1772439302,
                "data": {
                    "object": {
                        "id": "in_1",
                        "customer_email": "åsa@ö.example",
                        "customer_name": "Åsa Öberg",
                        "amount_paid": 12500,
                        "currency": "sek",
                        "lines": {"data": [{"id": "il_1", "amount": 12500, "price": {"id": "p1"}}]},
                    }
                },
            },
        ),
        (
            {"Stripe-Signature": "t=1772439303,v1=abc"},
            {
                "id": "evt_2",
                "type": "customer.created",
                "created": 1772439303,
                "data": {"object": {"id": "cus_1", "email": "åsa@ö.example", "name": "Åsa Öberg", "phone": None}},
            },
        ),
    ],
    "in headers": [
        (
            {"X-GitHub-Event": "issues", "X-GitHub-Delivery": "72d3162e", "X-Hub-Signature-256": f"sha256={HEX}"},
            {"action": "opened", "issue": {"id": 1, "title": "Båten läcker", "created_at": "2026-03-02T08:00:00Z"}},
        )
    ],
    "batch": [
        (
            {"Authorization": "Bearer ***"},
            [
                {"sg_event_id": "a1", "event": "delivered", "email": "asa@example.com", "timestamp": 1772439302},
                {"sg_event_id": "a2", "event": "open", "email": "bo@example.com", "timestamp": 1772439303},
            ],
        )
    ],
    "form": [(FORM, {"CallSid": "CA1", "From": "+46701740605", "Timestamp": "2026-03-02T08:00:00Z"})],
    "bare": [({}, {"hej": "värld"})],
    "swedish": [
        (
            {"X-Signature": "YWJjZGVmZ2hpamtsbW5vcHFyc3R1dnd4eXphYmNkZWY="},
            {
                "typ": "kund.ändrad",
                "kund": {"kundnr": 17, "namn": "Åsa Öberg", "epost": "asa@akeri.example", "företag": "Åkeri AB"},
                "tid": "2026-03-02T08:00:00",
            },
        )
    ],
    "standard": [
        (
            {"webhook-id": "msg_1", "webhook-timestamp": "1772439302", "webhook-signature": "v1,abc="},
            {
                "type": "lead.created",
                "timestamp": "2026-03-02T08:00:00Z",
                "data": {
                    "id": "L1",
                    "lead": {"name": "Bo Ek", "email": "bo@ek.example", "company": {"name": "Ek AB"}},
                    "owner": {"name": "Säljare", "email": "salj@relay.example"},
                },
            },
        )
    ],
    "one id": [
        ({}, {"id": 5, "status": "paid", "updated_at": "2026-03-02T08:00:00Z", "buyer": {"name": "Bo Ek"}}),
        ({}, {"id": 6, "status": "paid", "updated_at": "2026-03-02T09:00:00Z", "buyer": {"name": "Bo Ek"}}),
    ],
    "odd names": [
        (
            {"X-Api-Key": "***"},
            {
                "first-name": "Åsa",
                "first_name": "Åsa",
                "class": "x",
                "Payload": 1,
                "Text": {"fields": 1, "2": 3},
                "1": 2,
                "e-mail": "a@b.example",
                "fields": [1, 2],
                "mixed": [1, "a", {"b": 1}],
                "nested list": [[1], [2]],
                "camelCase": {"orderId": "O1", "totalAmount": "12.50"},
                "a.b": 3,
                "åäö": "x",
                "id": "x1",
                "none": None,
                "empty": {},
                "el": [],
            },
        )
    ],
    "its own namesake": [({}, {"event": "customer", "id": "1", "customer": {"id": 1, "customer": {"id": 2}}})],
}


def captures(sender: str) -> list[Capture]:
    return [
        Capture(f"request_{number}", telling(headers), json.loads(json.dumps(body)), NOW, is_form=headers == FORM)
        for number, (headers, body) in enumerate(SENDERS[sender], 1)
    ]
