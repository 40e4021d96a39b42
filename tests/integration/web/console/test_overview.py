"""The overview: what it shows is so, list and number agree, and what nobody knows it calls unknown."""

from __future__ import annotations

import re
import socket
from collections.abc import Sequence
from html import unescape
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import pytest
from sqlalchemy import event as hooks
from sqlalchemy import text, update

from tests.integration.store.examples import arrival, event, take_in
from tests.integration.store.explained import plans
from tests.integration.web.console.stage import ENVIRON, OPERATOR, VIEWER, Stage, Visitor
from tests.integration.web.console.structure import faults
from worker.admin import events, filters
from worker.admin.events import Count
from worker.admin.health import Checks
from worker.admin.known import Deadline
from worker.admin.overview import Overview, overview
from worker.store.db import tables
from worker.store.db.clock import after
from worker.store.db.statuses import Ended
from worker.store.events.outcomes import Outcome, release
from worker.store.instruments.counters import ANSWERED, count_apart
from worker.store.instruments.processes import begin, ran
from worker.store.lanes import connections
from worker.store.lanes.holds import hold
from worker.store.lanes.lanes import claim
from worker.store.people import audit
from worker.store.people.audit import Actor

PATIENT = "/?patience=5"
WINDOWS = ("1h", "24h", "7d")
FATES: Sequence[Ended] = ("delivered", "dead", "dead", "review", "superseded", "ignored")


def filled(stage: Stage) -> None:
    """Of each connection nine events, of which three wait; also of one that is no longer set up."""
    for name in ("butik", "natt", "gammal"):
        take_in(
            stage.store,
            *(arrival(event(f"e{n}", subject=f"order:{n}"), connection=name, received_at=None) for n in range(9)),
        )
        for number, fate in enumerate(FATES):
            lane = claim(stage.store, name, f"order:{number}", "w1", 60)
            assert lane is not None
            release(stage.store, lane, [Outcome(lane.events[0].id, fate, "fel")])
    count_apart(stage.store, {("butik", f"{ANSWERED}unauthorized"): 14, ("", f"{ANSWERED}unknown"): 2}, 5)


def all_runs(stage: Stage) -> None:
    for number, kind in enumerate(("receiver", "worker", "beat")):
        begin(stage.store, id=f"P{number}", kind=kind, host="värd", pid=number, version="1", threads=8)  # type: ignore[arg-type]
    ran(stage.store, "sweep")


def looked(stage: Stage, each: float = 30.0, fresh: float = 0.0) -> Overview:
    checks = Checks(stage.parts, patience=30.0, each=30.0, fresh=fresh)
    return overview(stage.parts, checks, "24h", Deadline(60.0, each))


def linked(page: str) -> Sequence[tuple[str, int]]:
    """Each number that is a link: where to, and what it says."""
    found = re.findall(r'<a class="number(?: nought)?" href="([^"]+)">([^<]+)</a>', page)
    return [(unescape(path), int(shown.replace("\u202f", ""))) for path, shown in found]


def alarms(page: str) -> Sequence[str]:
    return re.findall(r'<p class="alarm[^"]*">(.*?)</p>', page)


def test_empty_it_says_where_to_post_and_what_is_missing(stage: Stage, operator: Visitor, viewer: Visitor) -> None:
    for visitor in (operator, viewer):
        page = visitor.get(PATIENT)
        assert page.status_code == 200
        assert faults(page.text) == []
        assert "Nothing was received yet" in page.text
        assert "http://127.0.0.1:8000/webhooks/natt" in page.text
        assert "relay send butik SAMPLE" in page.text
        assert "it has no signing secret" in page.text
        assert "Nobody has done anything yet" in page.text
        assert {number for _, number in linked(page.text)} == {0}


def test_without_a_connection_and_with_one_that_is_wrong_it_is_well_made(stage: Stage) -> None:
    config = stage.settings.config
    assert config is not None
    environ = {name: value for name, value in stage.environ.items() if not name.endswith("_API_KEY")}
    for text_, said in (
        ("", "There are no connections: set <code>RELAY_&lt;CONNECTOR&gt;_API_KEY</code>"),
        ('[connections.kassa]\nconnector = "generic"\nownr = 1\n', "ownr: no such setting"),
    ):
        config.write_text(text_, "utf-8")
        other = stage.again(environ)
        page = other.visitor(OPERATOR).get(PATIENT)
        other.store.close()
        assert page.status_code == 200
        assert said in page.text
        assert faults(page.text) == []


@pytest.mark.parametrize("window", WINDOWS)
def test_every_number_that_is_a_link_is_that_of_its_list(stage: Stage, operator: Visitor, window: str) -> None:
    filled(stage)
    with stage.store.write() as conn:
        assert hold(conn, "butik", "order:8")
    page = operator.get(f"{PATIENT}&window={window}").text
    assert faults(page) == []
    assert "Nothing was received yet" not in page
    found = linked(page)
    for path, shown in found:
        listed = filters.parse(parse_qsl(urlsplit(path).query))
        assert events.count(stage.store, listed, 30.0).value == Count(shown, exact=True), path
        assert operator.get(path).status_code == 200
    assert dict(found)["/events?fate=waiting"] == 9
    assert dict(found)["/events?connection=gammal&fate=dead"] == 2
    assert dict(found)["/events?fate=held"] == dict(found)["/events?connection=butik&fate=held"] == 1
    assert len(found) == 4 + 3 * 3 + 1, (
        "of the whole, and of each connection: waiting, dead, review, and held where something is"
    )


def test_the_numbers_beside_the_pages_are_the_same(stage: Stage, operator: Visitor) -> None:
    filled(stage)
    stage.app.jinja_env.globals["navigation"] = (("Dead", "/dead"), ("Review", "/review"))
    page = operator.get("/events").text
    assert re.findall(r'(\w+) <span class="count">(\d+)</span>', page) == [("Dead", "6"), ("Review", "3")]
    assert "from counters 0 s old" in page


def test_what_came_and_went_is_told(stage: Stage, operator: Visitor) -> None:
    filled(stage)
    told = operator.told("/overview?window=1h&patience=5", OPERATOR)
    whole = told["traffic"]["value"]["whole"]
    assert (whole["received"], whole["ended"]["delivered"], whole["waiting"], whole["refused"]) == (27, 3, 9, 16)
    assert (sum(whole["refused_line"]), whole["waited"][-1], whole["waited"][0]) == (16, 9, 0)
    assert told["traffic"]["value"]["latency"]["delivered"] == 3
    refused = [(each["connection"], each["reason"], each["number"]) for each in told["traffic"]["value"]["refusals"]]
    assert refused == [("butik", "unauthorized", 14), ("", "unknown", 2)]
    rows = {row["name"]: row for row in told["connections"]}
    assert rows["butik"]["received"]["value"] == 9
    assert rows["butik"]["oldest"]["value"] >= 0
    assert rows["butik"]["writes_left"]["value"] == {"left": 5000, "limit": 5000, "seconds": 3600}
    assert rows["gammal"]["state"]["value"]["state"] == "removed"
    assert rows["natt"]["quiet"]["value"] < 120
    for known in (told["traffic"], told["dead"], rows["butik"]["waiting"], rows["butik"]["writes_left"]):
        assert known["as_of"].endswith("Z")


def test_what_is_wrong_says_since_when_and_where_to_go(stage: Stage, operator: Visitor) -> None:
    filled(stage)
    all_runs(stage)
    connections.pause(stage.store, "natt", "Upsales does not accept the API key", probe_in=60.0)
    connections.pause(stage.store, "butik", "generic does not accept the token", probe_in=60.0, by=connections.SOURCE)
    with stage.store.write() as conn:
        conn.execute(update(tables.connections).values(since=after(-4500)))
        dead = tables.events.c.status == "dead"
        conn.execute(update(tables.events).where(dead).values(done_at=after(-7200)))
    page = operator.get(PATIENT).text
    (paused,) = re.findall(r'<li class="bad">natt: paused.*?</li>', page)
    assert "Upsales does not accept the API key" in paused
    assert "(1 h 15 min)" in paused
    assert '<a href="/connections/natt/api-key">→ set a key</a>' in paused
    assert '<a href="/connections/natt">→ natt</a>' in paused
    (token,) = re.findall(r'<li class="bad">butik: paused.*?</li>', page)
    assert "→ give it a token: <code>relay keys set butik --token</code>" in token
    assert "/api-key" not in token
    assert linked(paused) == [("/events?connection=natt&fate=waiting", 3)]
    (letters,) = re.findall(r'<li class="bad">butik: 2 dead letters.*?</li>', page)
    assert "(2 h)" in letters
    assert '<a href="/dead?connection=butik">→ dead letters</a>' in letters
    (refused,) = re.findall(r'<li class="warn">butik: webhooks were refused.*?</li>', page)
    assert "14 unauthorized" in refused
    assert page.index("natt: paused") < page.index("webhooks were refused")
    assert alarms(page) == []
    assert "1 worker, 0 of 8 threads busy" in page


def test_where_nothing_is_wrong_it_says_what_was_checked(stage: Stage) -> None:
    environ = {
        "RELAY_BUTIK_API_KEY": "nyckel-butik-4711",
        "RELAY_BUTIK_SECRET": "hemlig-butik-4711",
        "RELAY_ADMIN_TOKEN": f"anna:{OPERATOR}",
        "DATABASE_URL": stage.settings.database_url,
        "REDIS_URL": str(stage.settings.redis_url),
    }
    config = stage.settings.config
    assert config is not None
    config.write_text('[connections.butik]\nconnector = "generic"\n', "utf-8")
    fine = stage.again({**environ, "RELAY_CONFIG": str(config)})
    all_runs(fine)
    page = fine.visitor(OPERATOR).get(PATIENT).text
    fine.store.close()
    assert "Nothing is wrong. Checked: " in page
    assert alarms(page) == []
    assert '<span class="bad"' not in page


def test_without_a_beat_every_page_says_so(stage: Stage, operator: Visitor) -> None:
    assert "no worker gives a sign of life" in alarms(operator.get("/events").text)[0]
    all_runs(stage)
    assert alarms(operator.get("/events").text) == []
    with stage.store.write() as conn:
        conn.execute(tables.processes.delete().where(tables.processes.c.kind == "beat"))
    (told,) = alarms(operator.get("/events").text)
    assert "no beat gives a sign of life" in told
    assert "no beat" in alarms(operator.get("/?window=2h").text)[0], "also where something is not understood"


def test_a_database_that_takes_no_writes_is_said_and_pages_are_shown(stage: Stage, operator: Visitor) -> None:
    filled(stage)
    with stage.store.write() as conn:
        conn.execute(update(tables.console_sessions).values(seen_at=after(-60)))
    engine = stage.store.engine
    if engine.dialect.name == "sqlite":
        with stage.store.read() as conn:
            pages = conn.execute(text("PRAGMA page_count")).scalar_one()
        hooks.listen(engine, "checkout", lambda raw, *_: raw.execute(f"PRAGMA max_page_count = {pages}"))
    else:
        hooks.listen(engine, "begin", lambda conn: conn.exec_driver_sql("SET TRANSACTION READ ONLY"))
    for path in ("/events", PATIENT):
        page = operator.get(path)
        assert page.status_code == 200
        assert "the database takes no writes: webhooks get 503" in alarms(page.text)[0]
        assert faults(page.text) == []
    assert dict(linked(operator.get(PATIENT).text))["/events?fate=dead"] == 6


def test_a_database_that_is_away_is_said(stage: Stage) -> None:
    away = stage.again({**stage.environ, "DATABASE_URL": "postgresql://nobody@127.0.0.1:1/relay"})
    visitor = away.visitor()
    visitor.client.set_cookie("relay_console", "whoever")
    page = visitor.get("/")
    assert page.status_code == 503
    assert "The database does not answer" in page.text
    told = visitor.ask("GET", "/overview", OPERATOR)
    assert (told.status_code, told.mimetype) == (503, "application/problem+json")
    found = looked(away)
    assert found.health.stops[0].kind == "database_away"
    assert found.traffic.why == found.deeds.why == found.dead.why == "unavailable"
    assert {row.waiting.value for row in found.connections} == {None}
    assert "how connections stand" in found.unchecked
    away.store.close()


ENDLESS = "AS WITH RECURSIVE endless(n) AS (SELECT 1 UNION ALL SELECT n FROM endless) SELECT"
MINUTES = "n AS minute, 'butik' AS connection, 'received' AS what, 0 AS shard, n FROM endless WHERE n < 0"
CHORES = "'sweep' AS name, n AS ran_at FROM endless WHERE n < 0"


def unanswered(stage: Stage, table: str, columns: str) -> None:
    """From now on no question about the table is ever answered."""
    stage.hurry()
    with stage.store.write() as conn:
        conn.execute(text(f"ALTER TABLE {table} RENAME TO {table}_before"))
        conn.execute(text(f"CREATE VIEW {table} {ENDLESS} {columns}"))


def test_a_block_that_is_not_in_time_is_unknown_and_the_rest_stands(stage: Stage, operator: Visitor) -> None:
    filled(stage)
    with stage.store.write() as conn:
        audit.record(conn, Actor("anna", "command"), "replay", "event/01A", why="stage renamed")
    unanswered(stage, "minutes", MINUTES)
    found = looked(stage, each=1.0)
    page = operator.get("/")
    assert (found.traffic.value, found.traffic.why) == (None, "timeout")
    assert (found.dead.value, found.review.value) == (6, 3)
    assert {row.waiting.why for row in found.connections} == {"timeout"}
    assert found.deeds.value is not None
    assert [deed.act for deed in found.deeds.value] == ["replay"]
    assert {"silent senders", "refused webhooks"} <= set(found.unchecked)
    assert page.status_code == 200
    assert faults(page.text) == []
    assert "What came and went: unknown (the database did not answer in time)" in page.text
    assert "Something may be wrong that is not named here" in page.text
    assert "Nothing is wrong" not in page.text
    assert "Nothing was received yet" not in page.text, "nobody knows"


def test_what_is_not_known_of_the_installation_every_page_calls_unknown(stage: Stage) -> None:
    unanswered(stage, "chores", CHORES)
    slow = stage.again(stage.environ, each=0.25)
    slow.hurry()
    slow.app.jinja_env.globals["navigation"] = (("Dead", "/dead"),)
    page = slow.visitor(OPERATOR).get("/events")
    slow.store.close()
    assert page.status_code == 200
    (told,) = alarms(page.text)
    assert "workers and beat did not answer in time" in told
    assert 'Dead <span class="count unknown">unknown</span>' in page.text
    assert 'counters: <span class="unknown">unknown</span>' in page.text
    assert faults(page.text) == []


def test_the_parts_of_a_page_have_its_time_together(stage: Stage) -> None:
    clock = [0.0]
    deadline, asked = Deadline(whole=0.3, each=30.0, clock=lambda: clock[0]), []

    def question(_conn: Any) -> str:
        asked.append(1)
        clock[0] += 0.4
        return "answer"

    assert deadline.ask(stage.store, question).value == "answer"
    late = deadline.ask(stage.store, question)
    assert (late.value, late.why, asked) == (None, "timeout", [1])


def test_redis_that_is_away_leaves_only_its_own_unknown(stage: Stage) -> None:
    filled(stage)
    away = stage.again({**stage.environ, "REDIS_URL": "redis://127.0.0.1:1/0"})
    all_runs(away)
    page = away.visitor(OPERATOR).get(PATIENT)
    away.store.close()
    assert page.status_code == 200
    assert faults(page.text) == []
    assert [told for told in alarms(page.text) if "Redis does not answer" in told]
    assert page.text.count("Redis does not answer") == 2, "the bar, and what is wrong"
    assert re.findall(r'data-label="Writes left">(.*?)</td>', page.text)[0].endswith(">unknown</span>")
    assert dict(linked(page.text))["/events?fate=waiting"] == 9


def test_redis_that_hangs_keeps_no_page_waiting(stage: Stage) -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        port = silent.getsockname()[1]
        hanging = stage.again({**stage.environ, "REDIS_URL": f"redis://127.0.0.1:{port}/0"}, patience=0.05)
        page = hanging.visitor(OPERATOR).get("/events")
    assert page.status_code == 200
    (told,) = [told for told in alarms(page.text) if "nobody knows whether anything is delivered" in told]
    assert "Redis" in told
    for _ in range(600):
        # Until its threads have ended.
        if not hanging.checks.health().unknown:
            break
    hanging.store.close()


def test_the_page_counts_no_events(stage: Stage, operator: Visitor) -> None:
    """What waits for people is counted, from an index that holds nothing else."""
    filled(stage)
    take_in(
        stage.store,
        *(arrival(event(f"f{n}", subject=f"kund:{n}"), connection="butik", received_at=None) for n in range(300)),
    )
    with stage.store.write() as conn:
        conn.execute(text("ANALYZE"))
        if conn.dialect.name == "postgresql":
            conn.execute(text("ALTER DATABASE " + str(stage.store.engine.url.database) + " SET enable_seqscan = off"))
    stage.store.close()
    made: list[str] = []
    hooks.listen(stage.store.engine, "before_cursor_execute", lambda _c, _cu, statement, *_: made.append(statement))
    with plans(stage.store) as found:
        looked(stage, fresh=30.0)
    asked = [each for each in made if not each.startswith("EXPLAIN")]
    counting = [each for each in asked if re.search(r"count\(.*FROM events", each, re.DOTALL | re.IGNORECASE)]
    assert all("status IN ('dead', 'review')" in each for each in counting)
    assert len(counting) == 2, "the page's, and the frame's"
    assert not [plan for plan in found for scan in ("SCAN events\n", "Seq Scan on events") if scan in f"{plan}\n"]


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        ("window=2h", "is one of 1h, 24h, 7d"),
        ("windw=1h", "did you mean window?"),
        ("window=1h&window=24h", "is one of 1h, 24h, 7d"),
        ("patience=9", "can be 5"),
    ],
)
def test_what_is_not_understood_is_said(operator: Visitor, asked: str, said: str) -> None:
    page = operator.get(f"/?{asked}")
    assert page.status_code == 400
    assert said in page.text
    assert operator.ask("GET", f"/overview?{asked}", OPERATOR).status_code == 400


def test_what_people_did_last_is_shown_without_their_comings_and_goings(stage: Stage, viewer: Visitor) -> None:
    with stage.store.write() as conn:
        audit.record(conn, Actor("anna", "page"), "drop", "event/01ABC", why="ett prov", outcome="1 event")
    page = viewer.get(PATIENT).text
    assert 'anna: drop <a href="/events/01ABC">event/01ABC</a>, 1 event “ett prov”' in page
    assert "sign-in" not in page.partition("Last done by people")[2]


def test_a_browser_without_script_loads_it_again_and_stays_signed_in_no_longer_by_that(
    stage: Stage, operator: Visitor
) -> None:
    def rested() -> bool:
        with stage.store.read() as conn:
            seen = conn.execute(text("SELECT seen_at FROM console_sessions")).scalar_one()
        return bool(seen == before)

    with stage.store.write() as conn:
        conn.execute(update(tables.console_sessions).values(seen_at=after(-600)))
        before = conn.execute(text("SELECT seen_at FROM console_sessions")).scalar_one()
    page = operator.get("/?live=30")
    assert page.headers["Refresh"] == "30"
    assert "Refresh" not in operator.get("/?live=x").headers
    assert rested()
    assert "Refresh" not in operator.get("/").headers
    assert not rested()


def test_no_key_is_shown(stage: Stage, operator: Visitor) -> None:
    filled(stage)
    told = operator.get(PATIENT).text + operator.ask("GET", "/overview", VIEWER).text
    for name, secret in ENVIRON.items():
        assert secret.rpartition(":")[2] not in told, name
