"""No secret reaches a log line, whichever way it comes."""

from __future__ import annotations

import io
import json
import logging
import time
from collections.abc import Iterator

import pytest
import structlog

from worker import logs
from worker.logs.redaction import redact

WHSEC = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"

LINES = [
    (
        "GET https://x.se/api/v2/accounts?token=abc123&limit=1 200",
        "GET https://x.se/api/v2/accounts?token=***&limit=1 200",
    ),
    ("Authorization: Bearer abc.def", "Authorization: ***"),
    ("{'authorization': 'Basic YTpi', 'a': 1}", "{'authorization': '***', 'a': 1}"),
    ("Cookie: token=abc; a=b", "Cookie: ***"),
    (f"signed with {WHSEC}.", "signed with whsec_***."),
    ("redis://:lösen@127.0.0.1:6379/0 is away", "redis://:***@127.0.0.1:6379/0 is away"),
    ("POST /webhooks/shop/hemlig-del HTTP/1.1", "POST /webhooks/shop/*** HTTP/1.1"),
    ("POST /webhooks/shop HTTP/1.1", "POST /webhooks/shop HTTP/1.1"),
    ("Åsa Öberg ordered 3 tokens", "Åsa Öberg ordered 3 tokens"),
]


@pytest.mark.parametrize(("line", "shown"), LINES)
def test_what_looks_like_a_secret_is_starred(line: str, shown: str) -> None:
    assert redact(line) == shown


@pytest.mark.parametrize(
    "part",
    ["a", "å_", "a:", "a://", "a://b:", "cookie ", "cookie: ", "authorization ", "token=", "/webhooks/", "whsec_", " "],
)
def test_a_long_text_takes_no_more_than_its_length(part: str) -> None:
    """Of the processor's time, which another test's work does not change; the square of this length would take minutes."""
    began = time.process_time()

    redact(part * (60_000 // len(part)))

    assert time.process_time() - began < 2


def test_a_known_secret_is_starred_also_where_a_url_encodes_it() -> None:
    logs.hide("nyckel/med+tecken")
    assert redact("a nyckel/med+tecken b nyckel%2Fmed%2Btecken c") == "a *** b *** c"


def test_a_very_short_secret_does_not_star_ordinary_words() -> None:
    logs.hide("order")
    assert redact("an order came") == "an order came"


@pytest.fixture
def stream() -> Iterator[io.StringIO]:
    root = logging.getLogger()
    before, level = root.handlers[:], root.level
    written = io.StringIO()
    logs.configure({"RELAY_LOG": "json"}, written)
    yield written
    logging.captureWarnings(capture=False)
    root.handlers[:], root.level = before, level
    structlog.reset_defaults()


def test_both_kinds_of_loggers_write_redacted_json(stream: io.StringIO) -> None:
    logs.hide("hemlig-nyckel")
    structlog.get_logger().info("delivered", api_key="x", headers={"Cookie": "token=1"}, what="hemlig-nyckel", n=3)
    logging.getLogger("celery").warning("key %s refused", "hemlig-nyckel")
    ours, theirs = (json.loads(line) for line in stream.getvalue().splitlines())
    assert (ours["event"], ours["api_key"], ours["headers"], ours["what"], ours["n"]) == (
        "delivered", "***", {"Cookie": "***"}, "***", 3,
    )  # fmt: skip
    assert (theirs["event"], theirs["logger"], theirs["level"]) == ("key *** refused", "celery", "warning")


def test_a_traceback_holds_no_local_variables_and_no_known_secret(stream: io.StringIO) -> None:
    logs.hide("hemlig-nyckel")
    local_value = "lokal-variabel".upper()
    try:
        int("hemlig-nyckel")
    except ValueError:
        structlog.get_logger().exception("failed")
    line = stream.getvalue()
    assert "ValueError: invalid literal for int() with base 10: '***'" in line
    assert local_value not in line


@pytest.mark.parametrize("name", ["httpx", "httpcore"])
def test_libraries_that_log_urls_are_quiet(stream: io.StringIO, name: str) -> None:
    logging.getLogger(name).info("HTTP Request: GET https://x.se?q=åäö")
    assert stream.getvalue() == ""
