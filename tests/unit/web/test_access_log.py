"""One line per webhook, one a minute for bad signatures, and never what a sender sent."""

from __future__ import annotations

from urllib.parse import quote

from structlog.testing import capture_logs

from tests.senders import CONNECTIONS, SECRET, deal, signed
from tests.unit.web.door import Clock, Committed, opened
from worker.store import StoreUnavailable


def test_a_webhook_leaves_one_line() -> None:
    with capture_logs() as lines:
        answer = opened().post("/webhooks/acme", data=deal(), headers=signed(deal()))

    (line,) = lines
    assert answer.json is not None
    assert line == {
        "event": "webhook",
        "log_level": "info",
        "connection": "acme",
        "outcome": "accepted",
        "status": 202,
        "ms": 0.0,
        "events": answer.json["events"],
        "trace_id": line["trace_id"],
    }
    assert len(line["trace_id"]) == 32


def test_a_proxy_that_began_a_trace_finds_it_in_the_log() -> None:
    headers = signed(deal()) | {"traceparent": f"00-{'ab' * 16}-{'cd' * 8}-01"}

    with capture_logs() as lines:
        opened().post("/webhooks/acme", data=deal(), headers=headers)

    assert [line["trace_id"] for line in lines] == ["ab" * 16]


def test_an_event_that_ends_at_the_door_leaves_a_line_of_its_own() -> None:
    body = deal("evt_9", "ping")

    with capture_logs() as lines:
        door = opened()
        door.post("/webhooks/acme", data=body, headers=signed(body))
        door.post("/webhooks/acme", data=body, headers=signed(body))

    first, *others = [line for line in lines if line["event"] == "event ended"]
    assert (first["fate"], first["reason"], first["calls"], first["trace_id"]) == (
        "ignored", "rule", 0, lines[1]["trace_id"],
    )  # fmt: skip
    assert others == [], "a duplicate has ended before"


def test_what_was_not_stored_says_why() -> None:
    committed = Committed(error=StoreUnavailable("The database is busy."))

    with capture_logs() as lines:
        opened(committed).post("/webhooks/acme", data=deal(), headers=signed(deal()))

    assert [(line["outcome"], line["reason"], line["log_level"]) for line in lines] == [
        ("unavailable", "The database is busy.", "warning")
    ]


def test_a_burst_of_bad_signatures_is_one_line_a_minute() -> None:
    clock = Clock(0.0)
    door = opened(clock=clock)

    with capture_logs() as lines:
        for clock.now in (0.0, 1.0, 2.0, 59.9, 60.0, 61.0):
            door.post("/webhooks/acme", data=b"{}")
        door.post("/webhooks/tokens/wrong", data=b"{}")

    assert [(line["connection"], line["count"]) for line in lines] == [("acme", 1), ("acme", 4), ("tokens", 1)]


def test_nobody_without_a_secret_can_fill_the_log() -> None:
    door = opened(clock=Clock(0.0))

    with capture_logs() as lines:
        for number in range(20):
            door.post(f"/webhooks/okänd-{number}", data=b"{}")
            door.get("/webhooks/acme")
            door.post("/webhooks/acme", data=b"x" * (CONNECTIONS["acme"].body_limit + 1))
            door.head("/webhooks/tokens")

    assert sorted((line["outcome"], line["status"], line["count"]) for line in lines) == [
        ("handshake", 200, 1),
        ("refused", 405, 1),
        ("too_large", 413, 1),
        ("unknown", 404, 1),
    ]


def test_no_line_tells_a_token_a_body_or_a_header() -> None:
    door = opened()

    with capture_logs() as lines:
        door.post(f"/webhooks/tokens/{quote(SECRET)}", data=deal())
        door.post("/webhooks/tokens/a-wrong-token", data=deal())
        door.post("/webhooks/acme?key=a-wrong-token", data=b"no", headers=signed(b"no"))
        door.post("/webhooks/a-wrong-token", data=deal())

    told = repr(lines)
    assert len(lines) == 4
    assert SECRET not in told
    assert "a-wrong-token" not in told
    assert "Öberg" not in told
