"""What is wrong is told once to everybody, and told once more when it is right again; on both databases, over HTTP and SMTP."""

from __future__ import annotations

import base64
import json
import socketserver
import threading
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field, replace
from email import message_from_bytes, policy
from email.message import EmailMessage
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest
from sqlalchemy import BigInteger, type_coerce, update
from standardwebhooks import Webhook

from worker.alerts.findings import Facts, OfConnection
from worker.alerts.targets import Targets
from worker.alerts.tell import GIVE_UP, LEASE, tell
from worker.alerts.watch import ONLY_THE_CONSOLE_CAN_TELL, Watch, wired
from worker.keys import Keys
from worker.settings import Settings
from worker.settings.values import Alerts
from worker.store import Store, StoreUnavailable
from worker.store.alerts import alerts as kept
from worker.store.alerts import notices
from worker.store.alerts.alerts import Alert
from worker.store.alerts.notices import Notice
from worker.store.db import tables
from worker.store.db.clock import after

KEY = "whsec_" + base64.b64encode(b"k" * 32).decode()


@dataclass
class Listener:
    """Takes what is told: over HTTP at two paths, and as mail. `answers`: the status of the next answers, then 200."""

    answers: list[int] = field(default_factory=list)
    posted: list[tuple[str, dict[str, str], bytes]] = field(default_factory=list)
    mails: list[EmailMessage] = field(default_factory=list)
    http: int = 0
    smtp: int = 0

    def settings(self, **changed: Any) -> Alerts:
        here = Alerts(
            webhook=f"http://127.0.0.1:{self.http}/hook",
            signing_key=KEY,
            slack=f"http://127.0.0.1:{self.http}/chat",
            smtp=f"smtp://127.0.0.1:{self.smtp}",
            email_to=("jour@example.com",),
            email_from="relay@example.com",
        )
        return replace(here, **changed)


@pytest.fixture
def listener() -> Iterator[Listener]:
    heard = Listener()

    class Http(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["content-length"]))
            status = heard.answers.pop(0) if heard.answers else 200
            if status == 200:
                heard.posted.append((self.path, {name.lower(): value for name, value in self.headers.items()}, body))
            self.send_response(status)
            self.send_header("Location", "/chat")
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *_: Any) -> None:
            pass

    class Smtp(socketserver.StreamRequestHandler):
        """As much of https://www.rfc-editor.org/rfc/rfc5321 as a client needs."""

        def handle(self) -> None:
            self.wfile.write(b"220 here\r\n")
            while line := self.rfile.readline():
                if line.upper().startswith(b"QUIT"):
                    self.wfile.write(b"221 bye\r\n")
                    return
                if line.upper().startswith(b"DATA"):
                    self.wfile.write(b"354 go on\r\n")
                    lines = iter(self.rfile.readline, b".\r\n")
                    heard.mails.append(message_from_bytes(b"".join(lines), policy=policy.default))
                self.wfile.write(b"250 OK\r\n")

    with (
        ThreadingHTTPServer(("127.0.0.1", 0), Http) as http,
        socketserver.ThreadingTCPServer(("127.0.0.1", 0), Smtp) as smtp,
    ):
        heard.http, heard.smtp = http.server_address[1], smtp.server_address[1]
        for server in (http, smtp):
            threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
        yield heard
        http.shutdown()
        smtp.shutdown()


def facts(**of_shop: Any) -> Facts:
    return Facts(connections=[OfConnection(name="shop", **of_shop)], redis=True)


def look(store: Store, settings: Alerts, found: Facts) -> None:
    Watch(store, settings, lambda: found, Targets(settings)).run()


def later(store: Store, seconds: float) -> None:
    """As if so much time had gone by."""
    with store.write() as conn:
        for table, columns in ((tables.alerts, ("cleared_at",)), (tables.notices, ("next_at", "written_at"))):
            for name in columns:
                column = table.c[name]
                earlier = type_coerce(type_coerce(column, BigInteger) - int(seconds * 1e6), column.type)
                conn.execute(update(table).where(column.is_not(None)).values({name: earlier}))


def test_everybody_is_told_once_and_once_more_at_the_end(store: Store, listener: Listener) -> None:
    settings = listener.settings()
    for _ in range(3):
        look(store, settings, facts(dead=2))
    assert [path for path, _, _ in listener.posted] == ["/hook", "/chat"]
    _, headers, body = listener.posted[0]
    opened = Webhook(KEY).verify(body, headers)
    assert (opened["type"], opened["data"]["kind"], opened["data"]["connection"]) == (
        "alert.opened",
        "dead_letters",
        "shop",
    )
    assert json.loads(listener.posted[1][2])["text"].startswith("[upsales-relay] WRONG: shop: 2 dead letters")
    assert [mail["To"] for mail in listener.mails] == ["jour@example.com"]
    look(store, settings, facts())
    later(store, settings.settle - 60)
    look(store, settings, facts())
    assert len(listener.posted) == 2
    later(store, 61)
    for _ in range(2):
        look(store, settings, facts())
    assert [json.loads(body).get("type") for _, _, body in listener.posted[2:]] == ["alert.closed", None]
    assert listener.mails[1]["Subject"].startswith("[upsales-relay] RIGHT AGAIN: shop")
    with store.read() as conn:
        assert [alert.closed_at is not None for alert in kept.latest(conn, 10)] == [True]


def test_a_worker_that_only_restarts_is_nothing_to_be_told_of(store: Store, listener: Listener) -> None:
    """Nor is a database that was away, and all signs of life with it: the console looks twice."""
    found = iter([Facts(workers=1), Facts(workers=0), Facts(workers=1), None, Facts(workers=0), Facts(workers=1)])

    def look_at() -> Facts:
        facts = next(found, Facts(workers=0))
        if facts is None:
            raise StoreUnavailable("away")
        return facts

    settings = listener.settings(slack="", email_to=())
    console = Watch(store, settings, look_at, Targets(settings), twice=ONLY_THE_CONSOLE_CAN_TELL)
    for _ in range(6):
        with suppress(StoreUnavailable):
            console.run()
    console.run()
    assert listener.posted == []
    console.run()
    assert [json.loads(body)["data"]["kind"] for _, _, body in listener.posted] == ["no_worker"]
    # A console that was started again does not take back what is open.
    again = Watch(store, settings, look_at, Targets(settings), twice=ONLY_THE_CONSOLE_CAN_TELL)
    again.run()
    with store.read() as conn:
        assert [alert.right_for for alert in kept.open_ones(conn)] == [None]


def test_a_worker_that_looks_before_its_own_first_sign_of_life_tells_of_none(store: Store) -> None:
    watch = wired(store, Settings(connections={}), Keys({}, store), None)
    assert (watch.facts().workers, watch.facts().redis) == (0, False)
    watch.run()
    with store.read() as conn:
        assert kept.open_ones(conn) == []


def test_ten_thousand_events_of_an_outage_are_one_alert(store: Store, listener: Listener) -> None:
    settings = listener.settings(slack="", email_to=())
    for dead in range(1, 40):
        look(store, settings, facts(dead=dead * 250))
    assert len(listener.posted) == 1


def test_what_is_not_taken_is_told_again_and_what_closed_is_told_after_what_opened(
    store: Store, listener: Listener
) -> None:
    settings = listener.settings(slack="", email_to=(), settle=0.0)
    listener.answers += [503, 302]
    look(store, settings, facts(review=1))
    look(store, settings, facts())
    look(store, settings, facts())
    assert listener.posted == []
    with store.read() as conn:
        assert notices.unsent(conn) == [("webhook", "HTTP 503")]
    later(store, 31)
    tell(store, Targets(settings))
    assert listener.posted == []
    for _ in range(2):
        later(store, 90)
        tell(store, Targets(settings))
    assert [json.loads(body)["type"] for _, _, body in listener.posted] == ["alert.opened", "alert.closed"]


def test_it_is_given_up_after_a_day(store: Store, listener: Listener) -> None:
    settings = listener.settings(slack="", email_to=())
    listener.answers += [500, 500]
    look(store, settings, facts(dead=1))
    later(store, GIVE_UP + 60)
    tell(store, Targets(settings))
    later(store, GIVE_UP)
    tell(store, Targets(settings))
    assert (listener.answers, listener.posted) == ([], [])


def test_two_that_watch_at_a_time_tell_it_once(store: Store, listener: Listener) -> None:
    settings = listener.settings(slack="", email_to=())
    watchers = [threading.Thread(target=look, args=(store, settings, facts(dead=1))) for _ in range(6)]
    for each in watchers:
        each.start()
    for each in watchers:
        each.join()
    assert len(listener.posted) == 1


def test_one_target_that_is_away_keeps_no_other_waiting(store: Store, listener: Listener) -> None:
    settings = listener.settings(webhook="http://127.0.0.1:9/nobody", smtp="smtp://127.0.0.1:9")
    look(store, settings, facts(dead=1))
    assert [path for path, _, _ in listener.posted] == ["/chat"]
    with store.read() as conn:
        assert sorted(notices.unsent(conn)) == [("email", "ConnectionRefusedError"), ("webhook", "ConnectError")]


def test_a_target_that_can_not_even_be_asked_keeps_no_other_waiting(store: Store, listener: Listener) -> None:
    settings = listener.settings(webhook="http://127.0.0.1:port/hemlig", smtp="smtp://127.0.0.1:99999")
    look(store, settings, facts(dead=1))
    assert [path for path, _, _ in listener.posted] == ["/chat"]
    with store.read() as conn:
        assert sorted(notices.unsent(conn)) == [("email", "ValueError"), ("webhook", "InvalidURL")]


def test_what_one_watcher_is_slow_to_tell_another_tells_instead_of_it(store: Store, listener: Listener) -> None:
    settings = listener.settings()
    told: list[str] = []

    @dataclass
    class Slow:
        """Hangs at the first notice, and meanwhile somebody else looks."""

        hangs: bool = True

        def send(self, _alert: Alert, notice: Notice) -> None:
            if self.hangs:
                self.hangs = False
                later(store, LEASE + 1)
                tell(store, Slow(hangs=False))
            told.append(notice.target)

    with store.write() as conn:
        opened = kept.opened(conn, "dead_letters", "shop", "shop: 2 dead letters")
        assert opened
        notices.write(conn, opened, "opened", settings.targets)
    tell(store, Slow())
    assert sorted(told)[:2] == ["email", "slack"]
    assert told.count("webhook") == 2


def test_nobody_to_tell_is_no_trouble(store: Store) -> None:
    look(store, Alerts(), facts(dead=1))
    with store.read() as conn:
        assert [alert.kind for alert in kept.open_ones(conn)] == ["dead_letters"]


def test_old_ones_go(store: Store, listener: Listener) -> None:
    settings = listener.settings(slack="", email_to=(), settle=0.0)
    for found in (facts(dead=1, review=1), facts(review=1), facts(review=1)):
        look(store, settings, found)
    with store.write() as conn:
        kept.purge(conn, keep=3600)
        assert len(kept.latest(conn, 10)) == 2
        conn.execute(update(tables.alerts).where(tables.alerts.c.closed_at.is_not(None)).values(closed_at=after(-3601)))
        kept.purge(conn, keep=3600)
        assert [alert.kind for alert in kept.latest(conn, 10)] == ["review_waiting"]
        told = conn.execute(tables.notices.select()).all()
        assert len(told) == 1
