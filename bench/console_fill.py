"""Fills a database with a month of events, by the database's own means."""

# ruff: noqa: S608 - all that is put into statements stands in this file
from __future__ import annotations

import json
import time
from collections.abc import Iterator
from itertools import islice
from typing import Any, Final

from sqlalchemy import Connection, text

from worker.store import Store
from worker.store.db import space
from worker.store.db.tables import events
from worker.store.terms.keys import made_hashing
from worker.store.terms.values import normal

CONNECTIONS: Final = ("shop-se", "shop-no", "shop-dk", "shop-fi", "booking", "crm", "form", "invoice")
DAYS = 30
CUSTOMERS = 100_000
FILLERS = 9
"""Values of an event besides its number, its customer and its currency."""
AT_ONCE = 20_000
CURRENCY = "sek"


def number_of(seq: int) -> int:
    return 5_000_000 + seq


def email_of(seq: int) -> str:
    return f"kund{seq % CUSTOMERS}@example.se"


def fill(store: Store, number: int) -> float:
    """Answers the seconds. Indexes are made at the end, as a restore makes them."""
    begun = time.monotonic()
    lite = store.engine.dialect.name == "sqlite"
    with store.engine.connect() as conn, conn.begin():
        if not lite:
            conn.execute(text("SET LOCAL statement_timeout = 0"))
        for index in events.indexes:
            index.drop(conn)
        _events(conn, number, lite=lite)
        for index in events.indexes:
            index.create(conn)
    with store.write() as conn:
        if not lite:
            conn.execute(text("SET LOCAL statement_timeout = 0"))
        _terms(conn, number, lite=lite)
    with store.engine.connect() as conn:
        if not lite:
            conn.execution_options(isolation_level="AUTOCOMMIT").execute(text("SET statement_timeout = 0"))
        conn.execute(text("ANALYZE" if lite else "VACUUM ANALYZE"))
        conn.commit()
    space.truncate_log(store)
    return time.monotonic() - begun


def _events(conn: Connection, number: int, *, lite: bool) -> None:
    """Mostly delivered; the sizes of connections and types differ as they do in life."""
    values = {
        "n": number,
        "begun": time.time_ns() // 1000 - DAYS * 86400 * 1_000_000,
        "step": DAYS * 86400 * 1_000_000 // number,
    }
    series = (
        "WITH RECURSIVE g(s) AS (SELECT 1 UNION ALL SELECT s + 1 FROM g WHERE s < :n)"
        if lite
        else "WITH g AS (SELECT CAST(s AS BIGINT) AS s FROM generate_series(1, CAST(:n AS BIGINT)) AS s)"
    )
    padded = "printf('%022d', s)" if lite else "lpad(CAST(s AS text), 22, '0')"
    connection = (
        "CASE "
        + " ".join(
            f"WHEN s % 100 < {edge} THEN '{name}'"
            for edge, name in zip((40, 60, 75, 85, 92, 96, 99, 100), CONNECTIONS, strict=True)
        )
        + " END"
    )
    status = "CASE WHEN s % 200 = 7 THEN 'dead' WHEN s % 1000 = 13 THEN 'review' WHEN s % 250 = 11 THEN 'pending' WHEN s % 70 = 3 THEN 'ignored' ELSE 'delivered' END"
    kind = "CASE WHEN s % 20011 = 5 THEN 'refunds/create' WHEN s % 10 < 6 THEN 'orders/paid' WHEN s % 10 < 9 THEN 'orders/create' ELSE 'customers/update' END"
    conn.execute(text(
        f"{series} INSERT INTO events (seq, id, request_id, position, connection, event_id, type, subject, time, priority, status,"
        " attempts, server_errors, claims, reason, received_at, done_at, searched)"
        f" SELECT s, '01KB' || {padded}, '01KC' || {padded}, 0, {connection}, 'e' || s, {kind}, 'order:' || (s % 200003),"
        f" :begun + s * :step, {'0' if lite else 'false'}, {status}, 1, 0, 0, CASE WHEN s % 200 = 7 THEN 'the stage is unknown' END,"
        " :begun + s * :step, CASE WHEN s % 250 <> 11 THEN :begun + s * :step + 1400000 END, 1 FROM g"
    ), values)  # fmt: skip
    filler = json.dumps({f"field{n}": f"ett värde som fyller {n}" for n in range(4)}, ensure_ascii=False)
    body = f'\'{{"order": {{"number": \' || (5000000 + s) || \', "currency": "SEK"}}, "customer": {{"email": "kund\' || (s % {CUSTOMERS}) || \'@example.se"}}, "more": {filler.replace(":", chr(92) + ":")}}}\''
    binary = f"CAST({body} AS BLOB)" if lite else f"convert_to({body}, 'UTF8')"
    conn.execute(text(
        f"{series} INSERT INTO requests (id, connection, received_at, method, url, headers, body)"
        f" SELECT '01KC' || {padded}, {connection}, :begun + s * :step, 'POST', '/webhooks/x', '[]', {binary} FROM g"
    ), values)  # fmt: skip
    conn.execute(text(
        "INSERT INTO lanes (connection, subject, due_at, parked_at, lease_until)"
        " SELECT DISTINCT connection, subject, CAST(NULL AS BIGINT), :begun, CAST(NULL AS BIGINT) FROM events WHERE status = 'pending'"
    ), {"begun": values["begun"]})  # fmt: skip


def _terms(conn: Connection, number: int, *, lite: bool) -> None:
    """Three of an event are of its payload; the others are as many, as large and as far apart as a real payload's."""
    conn.execute(text("CREATE TEMPORARY TABLE said (term BIGINT, seq BIGINT)"))
    said = _said(conn, number)
    while some := list(islice(said, AT_ONCE)):
        conn.execute(text("INSERT INTO said VALUES (:term, :seq)"), some)
    spread = "((seq * 2654435761 + {k} * 40503) % 2147483647) * 4294967291 + seq % 65521 + {k}"
    more = " UNION ALL ".join(f"SELECT {spread.format(k=k)}, seq FROM events" for k in range(FILLERS))
    conn.execute(
        text(
            f"INSERT INTO terms (term, seq) SELECT * FROM (SELECT term, seq FROM said UNION ALL {more}) AS x ORDER BY 1, 2"
        )
    )
    random = "randomblob(96)" if lite else "decode(repeat(md5(CAST(seq AS text)), 6), 'hex')"
    conn.execute(text(f"INSERT INTO event_terms (seq, packed) SELECT seq, {random} FROM events"))
    conn.execute(text("DROP TABLE said"))
    if not lite:
        conn.execute(text("SELECT setval(pg_get_serial_sequence('events', 'seq'), :n)"), {"n": number})


def _said(conn: Connection, number: int) -> Iterator[dict[str, Any]]:
    known = made_hashing(conn)
    currency = known.term(CURRENCY)
    emails = [known.term(normal(email_of(n)) or "") for n in range(CUSTOMERS)]
    for seq in range(1, number + 1):
        yield {"term": currency, "seq": seq}
        yield {"term": emails[seq % CUSTOMERS], "seq": seq}
        yield {"term": known.term(str(number_of(seq))), "seq": seq}
