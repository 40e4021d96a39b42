"""Whom alerts are told to is checked at the start, in one line that names the setting and no secret."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from worker.errors import ConfigError
from worker.settings.alerts import alerts
from worker.settings.values import Alerts

KEY = "whsec_a2tra2tra2tra2tra2tra2tra2tra2tra2tra2tra2s="
HOOK = {"RELAY_ALERTS_WEBHOOK_URL": "https://jour.example/hook", "RELAY_ALERTS_SIGNING_KEY": KEY}
MAIL = {"email_to": ["jour@example.com"], "email_from": "relay@example.com"}


def load(environ: dict[str, str], table: dict[str, Any] | None = None) -> Alerts:
    return alerts(environ, table or {}, "relay.toml [alerts]")


def test_nobody_is_told_unless_somebody_is_named() -> None:
    assert load({}) == Alerts()
    assert Alerts().targets == ()


def test_each_way_is_taken() -> None:
    environ = {
        **HOOK,
        "RELAY_ALERTS_SLACK_URL": "https://chat.example/x",
        "RELAY_ALERTS_SMTP_URL": "smtps://u:p@mail.example",
    }
    found = load(environ, {**MAIL, "late": 60, "off": ["sender_silent"]})
    assert found.targets == ("webhook", "slack", "email")
    assert (found.late, found.off, found.email_to) == (60.0, ("sender_silent",), ("jour@example.com",))


def test_an_address_may_stand_in_a_file(tmp_path: Path) -> None:
    file = tmp_path / "slack"
    file.write_text("https://chat.example/geheim\n", "utf-8")
    assert load({"RELAY_ALERTS_SLACK_URL_FILE": str(file)}).slack == "https://chat.example/geheim"


def test_no_address_shows() -> None:
    found = load({**HOOK, "RELAY_ALERTS_SLACK_URL": "https://chat.example/geheim"})
    assert "geheim" not in repr(found)
    assert KEY not in repr(found)


@pytest.mark.parametrize(
    ("environ", "table", "words"),
    [
        ({"RELAY_ALERTS_WEBHOOK_URL": "https://jour.example"}, {}, "RELAY_ALERTS_SIGNING_KEY: must be set"),
        ({**HOOK, "RELAY_ALERTS_SIGNING_KEY": "geheim"}, {}, "begin with whsec_"),
        ({**HOOK, "RELAY_ALERTS_SIGNING_KEY": "whsec_geheim!"}, {}, "RELAY_ALERTS_SIGNING_KEY: must be set"),
        ({"RELAY_ALERTS_SLACK_URL": "http://chat.example/geheim"}, {}, "RELAY_ALERTS_SLACK_URL: must be an https URL"),
        ({"RELAY_ALERTS_SLACK_URL": "geheim"}, {}, "RELAY_ALERTS_SLACK_URL: must be an https URL"),
        ({"RELAY_ALERTS_SMTP_URL": "mail.geheim"}, {}, "RELAY_ALERTS_SMTP_URL: write smtps://"),
        ({}, MAIL, "email_to: needs RELAY_ALERTS_SMTP_URL"),
        ({"RELAY_ALERTS_SMTP_URL": "smtps://h"}, {"email_to": ["a@example.com"]}, "needs email_from"),
        ({}, {"email_to": ["jour"]}, "email_to: jour is no e-mail address"),
        ({}, {"off": ["dead_letter"]}, "off: must be one of"),
        ({}, {"late": 0}, "late: must be more than 0"),
        ({}, {"lat": 1}, "lat: no such setting"),
    ],
)
def test_what_is_wrong_is_one_line_without_a_secret(environ: dict[str, str], table: dict[str, Any], words: str) -> None:
    with pytest.raises(ConfigError) as raised:
        load(environ, table)
    assert words in str(raised.value)
    assert "geheim" not in str(raised.value)
