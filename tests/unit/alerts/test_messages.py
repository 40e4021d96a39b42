"""What is told can be checked by a library of others, and read by people."""

from __future__ import annotations

import base64
import json
from datetime import UTC, datetime

from standardwebhooks import Webhook

from worker.alerts import messages
from worker.store.alerts.alerts import Alert
from worker.store.alerts.notices import Notice

KEY = "whsec_" + base64.b64encode(b"k" * 32).decode()
BEGAN = datetime(2026, 11, 30, 2, 47, 11, tzinfo=UTC)
ENDED = datetime(2026, 11, 30, 3, 2, 0, tzinfo=UTC)
ALERT = Alert(
    id="01A", kind="dead_letters", connection="blåbär", text="blåbär: 2 dead letters <&>", opened_at=BEGAN,
    closed_at=ENDED, right_for=None,
)  # fmt: skip


def notice(act: str) -> Notice:
    return Notice(id="01N", alert="01A", act=act, target="webhook", tries=1, age=0.0)


def test_the_webhook_is_a_standard_one() -> None:
    now = datetime.now(UTC)
    request = messages.webhook(ALERT, notice("closed"), url="https://jour.example/x", signing_key=KEY, now=now)
    body = Webhook(KEY).verify(request.body, dict(request.headers))
    assert body == json.loads(request.body)
    assert body == {
        "type": "alert.closed",
        "timestamp": ENDED.isoformat(),
        "data": {
            "id": "01A",
            "kind": "dead_letters",
            "connection": "blåbär",
            "text": "blåbär: 2 dead letters <&>",
            "opened_at": BEGAN.isoformat(),
            "closed_at": ENDED.isoformat(),
        },
    }
    assert dict(request.headers)["webhook-id"] == "01N"


def test_an_opening_has_the_time_when_it_began() -> None:
    request = messages.webhook(ALERT, notice("opened"), url="https://jour.example/x", signing_key=KEY, now=BEGAN)
    assert json.loads(request.body)["timestamp"] == BEGAN.isoformat()


def test_a_chat_shows_it_as_text() -> None:
    assert messages.chat(ALERT, notice("opened")) == {
        "text": "[upsales-relay] WRONG: blåbär: 2 dead letters &lt;&amp;&gt;"
    }
    assert messages.chat(ALERT, notice("closed"))["text"].startswith("[upsales-relay] RIGHT AGAIN: ")


def test_a_mail_tells_since_when_and_what_to_do() -> None:
    mail = messages.mail(ALERT, notice("closed"), sender="relay@example.com", to=("a@example.com", "b@example.com"))
    assert mail["Subject"] == "[upsales-relay] RIGHT AGAIN: blåbär: 2 dead letters <&>"
    assert (mail["From"], mail["To"]) == ("relay@example.com", "a@example.com, b@example.com")
    assert mail["Message-ID"] == "<01N@example.com>"
    text = mail.get_content()
    assert "Began: 2026-11-30 02:47:11 UTC" in text
    assert "Right again since: 2026-11-30 03:02:00 UTC" in text


def test_no_line_of_a_text_becomes_a_header() -> None:
    odd = Alert(id="01A", kind="x", connection="", text="a\r\nBcc: b@example.com", opened_at=BEGAN, closed_at=None, right_for=None)  # fmt: skip
    mail = messages.mail(odd, notice("opened"), sender="relay@example.com", to=("a@example.com",))
    assert mail["Subject"] == "[upsales-relay] WRONG: a Bcc: b@example.com"
    assert mail["Bcc"] is None
