"""Bodies that hold several events are split, and no constant is taken for the id of an event."""

from __future__ import annotations

import hashlib
import hmac
import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from tests.unit.devkit.scaffold.senders import NOW
from worker.devkit.capture.capture import Capture, document, read_capture
from worker.devkit.scaffold.create import create
from worker.devkit.scaffold.files import in_package
from worker.devkit.scaffold.infer import guessed
from worker.sdk.signatures import Scheme, senders

LEAD = {"field": "leadgen", "value": {"leadgen_id": "444", "page_id": "1", "created_time": 1772439302}}


def meta(*leads: str) -> dict[str, Any]:
    changes = [{**LEAD, "value": {**LEAD["value"], "leadgen_id": lead}} for lead in leads]  # type: ignore[dict-item]
    return {"object": "page", "entry": [{"id": "1", "time": 1772439302, "changes": changes}]}


def sent(*bodies: Any, headers: dict[str, str] | None = None) -> list[Capture]:
    return [Capture(f"request_{number}", headers or {}, body, NOW) for number, body in enumerate(bodies, 1)]


BATCHES = [
    ({"events": [{"id": "a", "type": "x.y"}, {"id": "b", "type": "x.y"}], "account": "7"}, "events", 2),
    (meta("1", "2"), "entry.changes", 2),
    ({"order": {"id": 1}, "items": [{"id": 1}, {"id": 2}]}, "", 1),
    ([{"id": "a"}, {"id": "b"}], "[]", 2),
    ({"events": [], "id": 1}, "", 1),
    ({"events": ["a", "b"], "id": 1}, "", 1),
]


@pytest.mark.parametrize(("body", "split", "events"), BATCHES)
def test_batch_is_seen_by_what_its_array_is_called(body: Any, split: str, events: int) -> None:
    (capture,) = sent(body)

    assert len(capture.payloads) == events
    assert guessed("acme", [capture]).split == split


def test_no_constant_is_taken_for_the_id_of_a_lead() -> None:
    found = guessed("meta-leads", sent(meta("444")))

    assert '"object"' not in found.event_id.code
    assert "leadgen_id" in found.event_id.code
    assert "one event can't tell" in found.event_id.why


def test_two_captures_show_that_a_field_is_a_constant() -> None:
    found = guessed("acme", sent({"object": "page", "value": "ett"}, {"object": "page", "value": "tv\u00e5"}))

    assert found.event_id.code == 'digest_of(field("value"))'
    assert "can't tell" not in found.event_id.why


def test_connector_of_batches_splits_them_and_keeps_every_rule(tmp_path: Path) -> None:
    made = create("meta-leads", "Meta", sent(meta("444", "445"), meta("446")), in_package("meta-leads", tmp_path))

    assert [str(problem) for problem in made.problems] == []
    source = (tmp_path / "relay_meta_leads" / "__init__.py").read_text("utf-8")
    assert 'split=each_in("entry.changes")' in source
    plan = json.loads((tmp_path / "relay_meta_leads" / "cases" / "request_1" / "plan.json").read_text("utf-8"))
    assert len({event["id"] for event in plan}) == 2


SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"


def hexed(secret: str, signed: bytes) -> str:
    return hmac.new(secret.encode(), signed, hashlib.sha256).hexdigest()


def test_every_known_scheme_is_tried_with_the_secret() -> None:
    """A name that says Stripe, and a signature over time and body, as nobody would tell from the headers."""
    raw = b'{"id": "e-1",   "n": 1}'
    stamp = str(int(NOW.timestamp()))
    headers = {"Acme-Request-Time": stamp, "Acme-Signature": hexed(SECRET, f"{stamp}.".encode() + raw)}
    (capture,) = sent(json.loads(raw), headers=headers)
    as_sent = replace(capture, raw=raw)

    found = guessed("acme", [as_sent], SECRET).signature

    assert found.code == (
        'Hmac(header="Acme-Signature", signed=(Timestamp("Acme-Request-Time"), ".", body), digest="sha256")'
    )
    assert found.why.startswith("verified: it signed so")
    assert "none of" in guessed("acme", [as_sent], "another").signature.why
    assert "none of" in guessed("acme", [capture], SECRET).signature.why


@pytest.mark.parametrize("name", ["STRIPE", "GITHUB", "SLACK", "STANDARD_WEBHOOKS"])
def test_known_sender_is_verified(name: str) -> None:
    scheme: Scheme = getattr(senders, name)
    body = {"id": "e-1"}
    from worker.devkit import cases
    from worker.sdk.request import Request

    request = scheme.sign(Request("POST", "https://x", (), cases.sent(None, body)), SECRET, NOW)

    assert guessed("acme", sent(body, headers=dict(request.headers)), SECRET).signature.why.startswith("verified")


def test_file_of_a_capture_keeps_the_bytes_that_are_signed(tmp_path: Path) -> None:
    raw = b'{"id":1,"namn":"\\u00c5sa"}'
    path = tmp_path / "x.json"
    path.write_text(json.dumps(document(replace(sent(json.loads(raw))[0], raw=raw))), "utf-8")

    assert read_capture(path).raw == raw
