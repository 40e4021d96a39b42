"""No key and no secret is left anywhere, after every kind of failure, in any process; and nobody's name in logs and traces."""

from __future__ import annotations

import base64
import json
import re
import threading
import time
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import quote, quote_plus, urlsplit

import httpx
import pytest
from redis import Redis
from sqlalchemy import Connection, select

from bench.house import House, Layout, company, house, within
from tests.chaos.place import ROOT
from tests.chaos.thin.entry import installed
from tests.integration.whole import reading
from tests.integration.whole.operator import AtConsole, Patient
from worker.alerts import messages
from worker.alerts.facts import Look
from worker.alerts.findings import judge
from worker.cli.local import demo_setup
from worker.cli.local.demo_setup import DemoConnection
from worker.cli.local.samples import signed
from worker.connectors import all_connectors
from worker.keys import Keys
from worker.sdk.read import parsed
from worker.settings.values import Alerts
from worker.settings.variables import variables_of
from worker.store.alerts.alerts import Alert
from worker.store.alerts.notices import Notice
from worker.store.db.tables import records
from worker.store.events import events
from worker.store.ledger import journal, source_calls

STRANGERS = ("frammande-hemlighet-i-huvudet", "frammande-hemlighet-i-adressen", "frammande-losenord-i-basic")
"""What strangers, or senders with an old secret, try: it is rejected, and may be somebody's secret all the same."""
FLOWER = "relay:blomsterlosen-4711-flower"
OPERATOR = "operatorslosen-4711-konsol"
SET_BY_FORM, SET_BY_API = "nyckel-satt-i-formular-4711", "nyckel-satt-i-api-4711"
GIVEN_BY_FORM, REFUSED = "hemlighet-given-i-formular-4711", "nyckel-som-ingen-har-4711"
COLLECTOR = "losen-for-samlaren-4711"
PEOPLE = frozenset({"first_name", "last_name", "firstName", "lastName", "firstname", "lastname", "phone", "email"})
EMAIL = re.compile(rb"[\w.+-]+@[\w-]+\.[\w.-]+\w")
"""What a person is called in the bodies of senders. Not what may be a company's: that is no secret of a person's."""
SILENT = '\n[connections.stum]\nconnector = "generic"\n'
FAULTS: Sequence[tuple[str, Mapping[str, Any]]] = (
    ("error_200", {"method": "POST", "resource": "accounts"}),
    ("html_502", {"method": "GET", "resource": "accounts"}),
    ("error_before_commit", {"method": "POST", "resource": "accounts"}),
    ("throttle", {"method": "POST", "resource": "accounts"}),
    ("drop_after_commit", {"method": "POST", "resource": "accounts"}),
    ("delay_after_commit", {"method": "POST", "resource": "accounts", "seconds": 3}),
)
LISTS = (("events", "list"), ("dead", "list"), ("review", "list"), ("calls",))
OTHERS = (("connections", "list"), ("keys", "list"), ("budget",), ("doctor",))


@dataclass
class Told:
    """What anybody could read, by where it was."""

    texts: dict[str, bytes] = field(default_factory=dict)

    def add(self, where: str, content: bytes | str) -> None:
        known = self.texts.get(where, b"")
        self.texts[where] = known + (content if isinstance(content, bytes) else content.encode()) + b"\n"

    def holding(self, mark: str) -> Sequence[str]:
        return [where for where, content in self.texts.items() if any(form in content for form in forms(mark))]


def forms(mark: str) -> set[bytes]:
    """As it is, and as URLs, Basic credentials and JSON write it."""
    plain = mark.encode()
    inner = base64.b64encode(plain)
    return {
        plain,
        quote(mark, safe="").encode(),
        quote_plus(mark).encode(),
        inner.rstrip(b"="),
        json.dumps(mark)[1:-1].encode(),
    }


class Collector(ThreadingHTTPServer):
    """Takes what OpenTelemetry exports. In protobuf a text stands as it is."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Export)
        self.proofs: set[str] = set()
        self.spans = b""

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}"


class _Export(BaseHTTPRequestHandler):
    server: Collector

    def do_POST(self) -> None:
        self.server.spans += self.rfile.read(int(self.headers["content-length"]))
        self.server.proofs.add(str(self.headers["authorization"]))
        self.send_response(200)
        self.end_headers()

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture(scope="module")
def collector() -> Iterator[Collector]:
    with Collector() as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
        thread.start()
        yield server
        server.shutdown()
        thread.join()


def layout(
    demo_connections: Sequence[DemoConnection], folder: Path, collector: Collector, read: reading.Read
) -> Layout:
    demo_setup.install(folder, demo_connections)
    tables = (folder / "relay.toml").read_text("utf-8").partition("[connections")
    return Layout(
        keys={**{each.connection: each.api_key for each in demo_connections}, **reading.API_KEYS},
        tables=tables[1] + tables[2] + SILENT + read.tables,
        connectors=(*all_connectors(), *reading.CONNECTORS),
        upsales={"commit_horizon": "2.0", "call_timeout": "1.5", "search_lag": "0.5"},
        environ={
            **{variables_of(each.connection, "SECRET")[0]: each.secret for each in demo_connections},
            **read.environ,
            **installed(folder, {"PYTHONPATH": str(ROOT)}, reading.PLACES),
            "FLOWER_BASIC_AUTH": FLOWER,
            "RELAY_ADMIN_TOKEN": f"anna:{OPERATOR}",
            "RELAY_LOG_LEVEL": "debug",
            "OTEL_TRACES_EXPORTER": "otlp",
            "OTEL_EXPORTER_OTLP_ENDPOINT": collector.url,
            "OTEL_EXPORTER_OTLP_HEADERS": f"authorization=Bearer%20{COLLECTOR}",
            "OTEL_BSP_SCHEDULE_DELAY": "200",
        },
    )


@dataclass
class Sender:
    """Tells events of the generic format to the receiver, as somebody who has its secret."""

    place: House
    secret: str
    told: Told

    def post(self, path: str, content: bytes, headers: Mapping[str, str]) -> int:
        answer = self.place.client.post(f"{self.place.web}/webhooks/{path}", content=content, headers=headers)
        self.told.add(
            f"answer to {path.partition('/')[0]}", f"{answer.status_code} {dict(answer.headers)} {answer.text}"
        )
        return answer.status_code

    def tell(self, event: Mapping[str, Any]) -> str:
        headers = {"Authorization": f"Bearer {self.secret}", "Content-Type": "application/json"}
        assert self.post("generic", json.dumps(event).encode(), headers) == 202
        return str(event["id"])

    def strike(self, kind: str, event: Mapping[str, Any], **rule: Any) -> None:
        """An event for which something goes wrong."""
        self.place.sandbox("POST", "/faults", {"kind": kind, "count": 1, **rule})
        self.tell(event)
        within(20, self._struck, f"{kind} strikes")

    def _struck(self) -> bool:
        return all(fault["struck"] for fault in self.place.sandbox("GET", "/faults")["faults"])


def drive(sender: Sender) -> None:
    """One event for each class of failure."""
    place = sender.place
    sender.tell({**company(1, 1), "data": {"id": "fel", "name": "Fel AB", "custom": {"FINNS_INTE": "1"}}})
    sender.tell(company(2, 1))
    sender.tell(company(3, 1))
    settle(place)
    made = {call["body"]["name"]: call["id"] for call in place.calls(method="POST", resource="accounts", key="generic")}
    place.sandbox("DELETE", f"/records/1/accounts/{made['Åkeri 2 AB']}")
    sender.tell(company(2, 2))
    place.sandbox("PUT", f"/records/1/accounts/{made['Åkeri 3 AB']}", {"active": 0})
    to_do = {"id": "T-1", "description": "Ring", "client": {"id": "Åkeri-3"}, "date": "2026-12-01"}
    sender.tell({"id": "att göra", "type": "activity.create", "data": to_do})
    for number, (kind, rule) in enumerate(FAULTS, 10):
        sender.strike(kind, company(number, 1), **rule)
    settle(place)
    comment = {"id": "C-1", "description": "Hälsade på", "client": {"id": "Åkeri-11"}, "user": "sales@example.com"}
    told = {"id": "kommentar", "type": "comment.create", "data": comment}
    sender.strike("drop_after_commit", told, resource="comments")
    settle(place)
    place.sandbox("DELETE", "/keys/generic")
    sender.tell(company(30, 1))
    within(20, lambda: place.state("generic").paused, "the key's connection is paused")


def settle(place: House) -> None:
    within(40, lambda: "pending" not in place.statuses(), f"nothing waits: {place.statuses()}")


def be_a_stranger(sender: Sender) -> None:
    body = json.dumps(company(40, 1)).encode()
    header, address, basic = STRANGERS
    credentials = base64.b64encode(f"kassa:{basic}".encode()).decode()
    assert sender.post("generic", body, {"Authorization": f"Bearer {header}"}) == 401
    assert sender.post(f"generic/{address}", body, {}) == 401
    assert sender.post("generic", body, {"Authorization": f"Basic {credentials}", "Cookie": f"token={header}"}) == 401
    assert sender.post(f"generic?token={address}", body, {}) == 401
    assert sender.post(f"finns-inte/{address}", body, {}) == 404
    assert sender.post("stum", body, {"Authorization": f"Bearer {header}"}) == 503
    assert sender.post(f"generic/{sender.secret}", b"{inte json", {}) == 400
    assert sender.post(f"generic/{sender.secret}", json.dumps(company(41, 1)).encode(), {}) == 202


def send_samples(sender: Sender, demo_connections: Sequence[DemoConnection]) -> set[str]:
    """Of every connector, as its sender proves them. Answers the secrets that travel in them."""
    now, carried = datetime.now(UTC), set()
    for each in demo_connections:
        for case in each.cases:
            request = signed(case, each.connector, f"{sender.place.web}/webhooks/{each.connection}", each.secret, now)
            path = urlsplit(request.url)
            target = f"{path.path.removeprefix('/webhooks/')}{path.query and '?'}{path.query}"
            assert sender.post(target, request.body, dict(request.headers)) < 300
            names = {name.rpartition(".")[2] for name in each.connector.secret_fields}
            carried |= set(named(parsed(each.connector, request.body), names))
    return carried


def named(body: Any, names: set[str]) -> Iterator[str]:
    """The values of members that are called so."""

    def walk(value: Any) -> Iterator[str]:
        if isinstance(value, dict):
            yield from (str(each) for name, each in value.items() if name in names and isinstance(each, str))
            for each in value.values():
                yield from walk(each)
        elif isinstance(value, list):
            for each in value:
                yield from walk(each)

    if names:
        yield from walk(body)


def use_console(place: House, told: Told) -> Mapping[str, str]:
    """Keys are set and secrets rotated, by forms and by the API; then every page is looked at. Answers what was set, by what it is."""
    at = "/connections/stum"
    for key in (SET_BY_FORM, SET_BY_API):
        place.sandbox("POST", "/keys", {"name": key.partition("-4711")[0], "key": key})
    with closing(AtConsole(place, OPERATOR)) as anna:
        shown = [
            anna.fill_in(f"{at}/api-key", value=REFUSED),
            anna.fill_in(f"{at}/api-key", value=SET_BY_FORM),
            anna.ask("PUT", f"{at}/api-key", {"value": REFUSED}),
            anna.ask("PUT", f"{at}/api-key", {"value": SET_BY_API}),
            anna.ask("PUT", "/connections/generic/api-key", {"value": SET_BY_API}),
            anna.fill_in(f"{at}/secrets", value=GIVEN_BY_FORM),
        ]
        assert [each.status_code for each in shown] == [422, 303, 422, 200, 422, 303]
        on_page = re.search(r"<pre>([\w-]+)</pre>", anna.fill_in(f"{at}/secrets", generate="yes").text)
        assert on_page is not None
        by_api = anna.ask("POST", f"{at}/secrets", {"generate": True}).json()["secret"]
        for each in shown:
            told.add("console answers", f"{dict(each.headers)} {each.text}")
        for path, text in anna.look(["generic", "stum", *reading.API_KEYS]):
            told.add(f"console {path}", text)
    return {
        "operator's token": OPERATOR,
        "key that was refused": REFUSED,
        "key set by a form": SET_BY_FORM,
        "key set by the API": SET_BY_API,
        "secret given in a form": GIVEN_BY_FORM,
        "secret made by a form": on_page[1],
        "secret made by the API": by_api,
    }


def people_in(demo_connections: Sequence[DemoConnection]) -> set[str]:
    """What the samples' bodies call people, and where they are reached."""
    bodies = [case.request.body for each in demo_connections for case in each.cases]
    emails = {found.decode() for body in bodies for found in EMAIL.findall(body)}
    names = {name for body in bodies if body.startswith((b"{", b"[")) for name in named(json.loads(body), set(PEOPLE))}
    return {each for each in emails | names if len(each) > 2}


def look_everywhere(place: House, told: Told) -> None:
    flower = f"http://127.0.0.1:{place.settings.flower_port}"
    auth = httpx.BasicAuth(*FLOWER.split(":"))
    for path in (
        "/api/tasks?limit=1000",
        "/api/workers",
        "/api/queues/length",
        "/tasks",
        "/workers",
        "/broker",
        "/metrics",
    ):
        told.add("Flower", place.client.get(f"{flower}{path}", auth=auth).content)
    told.add("console", place.client.get(f"{place.console}/metrics").content)
    look_at_events(place, told)
    look_at_records(place, told)
    told.add("alerts", "\n".join(alerts_now(place)))
    for path in ("/healthz", "/readyz", "/openapi.json", "/finns-inte"):
        told.add("receiver", place.client.get(f"{place.web}{path}").content)
    for command in (*LISTS, *OTHERS):
        shown = place.relay(*command, "--json", *(("--limit", "100000") if command in LISTS else ()))
        told.add(f"relay {' '.join(command)}", shown.stdout + shown.stderr)
    with Redis.from_url(place.redis_url, protocol=2) as redis:
        for key in redis.scan_iter(count=1000):
            told.add("Redis", key + _value(redis, key))
    for file in place.home.rglob("*"):
        if file.is_file():
            told.add(str(file.relative_to(place.home)), file.read_bytes())


def look_at_events(place: House, told: Told) -> None:
    """As an operator does, who asks for the personal data of some. It is in `console, revealed` alone."""
    same_site, bearer = {"Sec-Fetch-Site": "same-origin"}, {"Authorization": f"Bearer {OPERATOR}"}
    with Patient(place) as browser, place.store.read() as conn:
        browser.post("/sign-in", data={"token": OPERATOR}, headers=same_site)
        found = events.listed(conn, limit=100_000)
        for number, event in enumerate(found):
            shown = browser.get(f"/events/{event.id}")
            assert shown.status_code == 200, shown.text
            told.add("console, events", shown.content)
            if number % 8 and event.connection not in reading.PLACES:
                continue
            for part in ("", "/request", "/plan", "/calls", "/records", "/history"):
                answer = browser.get(f"/api/v1/events/{event.id}{part}", headers=bearer)
                told.add("console, events", answer.raise_for_status().content)
            asked = browser.post(f"/api/v1/events/{event.id}/reveal", json={"why": "to see"}, headers=bearer)
            told.add("console, revealed", asked.raise_for_status().content)


def look_at_records(place: House, told: Told) -> None:
    """As an operator does, who asks for the values of some. They are in `console, values` alone."""
    same_site, bearer = {"Sec-Fetch-Site": "same-origin"}, {"Authorization": f"Bearer {OPERATOR}"}
    with place.store.read() as conn:
        known = [tuple(row) for row in conn.execute(select(records.c.account, records.c.resource, records.c.record_id))]
    paths = [f"/records/{account}/{resource}/{number}" for account, resource, number in known]
    with Patient(place) as browser:
        browser.post("/sign-in", data={"token": OPERATOR}, headers=same_site)
        for path in ("/calls?limit=200", "/calls?state=failed", "/audit", "/about", "/forget", *paths):
            told.add("console, records", browser.get(path).raise_for_status().content)
        for path in ("/calls?limit=200", "/audit", "/about", "/erasures", *paths):
            answer = browser.get(f"/api/v1{path}", headers=bearer)
            told.add("console, records", answer.raise_for_status().content)
        for path in paths[::8]:
            asked = browser.post(f"/api/v1{path}/reveal", json={"why": "to see"}, headers=bearer)
            told.add("console, values", asked.raise_for_status().content)


def alerts_now(place: House) -> Iterator[str]:
    """What everybody would be told of all that is wrong now, by each way."""
    look = Look(place.store, place.settings, Keys(place.environ, place.store), lambda: False)
    at, signing_key = datetime.now(UTC), "whsec_" + base64.b64encode(b"k" * 24).decode()
    for kind, connection, text in (
        (each.kind, each.connection, each.text) for each in judge(look.facts(), Alerts(refused=1))
    ):
        about = Alert(
            id="01A", kind=kind, connection=connection, text=text, opened_at=at, closed_at=None, right_for=None
        )
        notice = Notice(id="01N", alert="01A", act="opened", target="webhook", tries=1, age=0.0)
        yield messages.webhook(about, notice, url="https://jour.example", signing_key=signing_key, now=at).body.decode()
        yield str(messages.chat(about, notice))
        yield messages.mail(about, notice, sender="relay@example.com", to=("jour@example.com",)).as_string()


def _value(redis: Any, key: bytes) -> bytes:
    read = {
        b"string": lambda: redis.get(key), b"list": lambda: redis.lrange(key, 0, -1), b"hash": lambda: redis.hgetall(key),
        b"zset": lambda: redis.zrange(key, 0, -1), b"set": lambda: redis.smembers(key),
    }  # fmt: skip
    kind = redis.type(key)
    # It may have expired meanwhile.
    return b"" if kind == b"none" else repr(read[kind]()).encode()


@pytest.fixture(scope="module")
def seen(
    tmp_path_factory: pytest.TempPathFactory, collector: Collector
) -> Iterator[tuple[House, Told, dict[str, str]]]:
    """Everything has happened, and everything was looked at. The third: what must not be found, by what it is."""
    # Others wait for their sender's API: reading has senders of its own here.
    alone = [each for each in all_connectors() if each.source is None or each.source.unread]
    demo_connections, told = demo_setup.demo_connections(alone), Told()
    home = tmp_path_factory.mktemp("hus")
    with (
        reading.senders() as read,
        house(home / "drift", layout(demo_connections, home / "upplagg", collector, read)) as place,
    ):
        place.start_web()
        place.start_workers(1)
        place.start_flower()
        place.start_console()
        generic = next(each for each in demo_connections if each.connection == "generic")
        sender = Sender(place, generic.secret, told)
        reading.begin(place, read, sender.post)
        be_a_stranger(sender)
        drive(sender)
        carried = send_samples(sender, demo_connections)
        within(60, lambda: _all_but_the_paused_ended(place), "the samples are delivered")
        reading.end(place, read, sender.post)
        by_hand = use_console(place, told)
        time.sleep(1)
        look_everywhere(place, told)
        told.add("spans", collector.spans)
        redis_password = urlsplit(place.redis_url).password
        assert redis_password
        marks = {
            **{f"API key of {each.connection}": each.api_key for each in demo_connections},
            **{
                f"secret of {each.connection}": each.secret.partition(":")[2] or each.secret
                for each in demo_connections
            },
            **{f"stranger's {number}": text for number, text in enumerate(STRANGERS)},
            **{f"carried {number}": text for number, text in enumerate(sorted(carried))},
            **{f"API key of {name}": key for name, key in reading.API_KEYS.items()},
            **read.marks,
            **by_hand,
            "master key": place.environ["RELAY_MASTER_KEY"],
            "Redis password": redis_password,
            "collector's proof": COLLECTOR,
            "operator's token": OPERATOR,
            "Flower password": FLOWER.partition(":")[2],
        }
        yield place, told, marks


def _all_but_the_paused_ended(place: House) -> bool:
    states = place.statuses_by_connection()
    return not any(
        status == "pending" and connection not in {"generic", *reading.API_KEYS} for connection, status in states
    )


def test_every_kind_of_failure_was_there(seen: tuple[House, Told, dict[str, str]]) -> None:
    place, _, _ = seen
    with place.store.read() as conn:
        calls = journal.listed(conn, limit=10_000)
    assert {200, 400, 401, 404, 429, 500, 502} <= {call.status for call in calls}
    assert {call["method"] for call in place.calls()} == {"GET", "POST", "PUT"}
    assert {"done", "failed"} <= {call.state for call in calls}
    assert any("got no answer" in (call.error or "") for call in calls)
    assert {"delivered", "dead", "review", "pending"} <= set(place.statuses())


def test_alerts_were_there(seen: tuple[House, Told, dict[str, str]]) -> None:
    _, told, _ = seen
    opened = told.texts["alerts"].decode()
    for kind in ("redis_away", "connection_paused", "dead_letters", "review_waiting", "webhooks_refused"):
        assert f'"kind": "{kind}"' in opened


def test_no_key_and_no_secret_is_found_anywhere(seen: tuple[House, Told, dict[str, str]]) -> None:
    _, told, marks = seen
    assert len(marks) > 2 * len(all_connectors())
    assert {what: where for what, mark in marks.items() if (where := told.holding(mark))} == {}


def test_nobodys_name_or_address_is_in_a_log_a_trace_or_a_page_that_nobody_asked_for(
    seen: tuple[House, Told, dict[str, str]],
) -> None:
    _, told, _ = seen
    people = people_in(demo_setup.demo_connections(all_connectors()))
    watched = {"spans", "web.log", "worker1.log", "alerts", "console, events", "console, records"}
    assert any("console, revealed" in told.holding(person) for person in people)
    assert any("console, values" in told.holding(person) for person in people)
    assert len([person for person in people if told.holding(person)]) > 20, "it sees them where they are"
    assert {person: where for person in people if (where := watched & set(told.holding(person)))} == {}


def test_who_stands_in_what_is_read_is_where_somebody_asks_and_nowhere_else(
    seen: tuple[House, Told, dict[str, str]],
) -> None:
    place, told, _ = seen
    with place.store.read() as conn:
        readings = source_calls.listed(conn, limit=10_000)
    assert {200, 401, 429, 500} <= {each.status for each in readings}
    assert {"source_forbidden", "source_unavailable", "source_throttled", None} <= {each.code for each in readings}
    found = {person: set(told.holding(person)) for person in reading.PEOPLE}
    assert all("console, revealed" in where for where in found.values()), "it sees them where they are"
    may = {"console, revealed", "console, values", "sandbox.log"}
    # By its subject an operator finds an event on the command line: one thing's id is an address.
    may_id = {"relay events list", "relay calls"}
    leaks = {
        person: kept
        for person, where in found.items()
        if (
            kept := {each for each in where - may if not each.startswith("relay.db")}
            - (may_id if "@" in person else set())
        )
    }
    assert leaks == {}


def test_each_end_has_a_line_and_each_trace_its_calls(
    seen: tuple[House, Told, dict[str, str]], collector: Collector
) -> None:
    place, told, _ = seen
    lines = {name: lines_of(told, name) for name in ("web.log", "worker1.log")}
    ended = Counter(line["fate"] for each in lines.values() for line in each if line["event"] == "event ended")
    with place.store.read() as conn:
        fates = Counter({status: count for status, count in counted(conn).items() if status != "pending"})
    assert ended == fates
    put_off = {line["reason"] for line in lines["worker1.log"] if line["event"] == "event put off"}
    assert {"unavailable", "throttled", "outcome_unknown"} <= put_off
    assert collector.proofs == {f"Bearer {COLLECTOR}"}
    names = (b"receive", b"commit", b"ring", b"deliver", b"plan", b"POST accounts", b"GET self", b"PUT accounts")
    assert [name for name in names if name not in told.texts["spans"]] == []


def lines_of(told: Told, name: str) -> Sequence[Mapping[str, Any]]:
    return [json.loads(line) for line in told.texts[name].splitlines() if line.startswith(b"{")]


def counted(conn: Connection) -> Counter[str]:
    found: Counter[str] = Counter()
    for (_, status), count in events.counts(conn).items():
        found[status] += count
    return found


def test_the_search_sees_what_is_there(seen: tuple[House, Told, dict[str, str]]) -> None:
    """What is no secret is found wherever secrets could be."""
    place, told, _ = seen
    found = Counter(where for where in told.holding("generic"))
    for where in (
        "receiver",
        "Flower",
        "relay events list",
        "relay calls",
        "relay doctor",
        "worker1.log",
        "web.log",
        "console, events",
    ):
        assert found[where], where
    assert "Redis" in told.holding("relay:budget")
    assert any(where.startswith("relay.db") for where in found)
    assert {"console /connections", "console /connections/generic", "console /api/v1/connections"} <= set(found)
    assert any("appendonly" in where for where in found)
    assert place.state("generic").refused_key
