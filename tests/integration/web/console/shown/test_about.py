"""What runs here: what is not as it should be is red, what is not known is unknown, no secret is shown."""

from __future__ import annotations

from importlib.metadata import version
from typing import Any

import pytest
from cryptography.fernet import Fernet
from sqlalchemy import text, update

from tests.integration.web.console.stage import CONFIG, ENVIRON, OPERATOR, VIEWER, Stage, Visitor
from tests.integration.web.console.structure import faults
from worker.settings import load
from worker.store.db.clock import after
from worker.store.db.tables import chores, processes
from worker.store.instruments.processes import begin, ran

OWN = version("upsales-relay")
MASTER = Fernet.generate_key().decode()


def runs(stage: Stage, kind: Any, number: int, release: str = OWN) -> None:
    threads = 8 if kind == "worker" else 0
    begin(
        stage.store,
        id=f"01KB{kind[:4]:>04}{number:018}",
        kind=kind,
        host="host-a",
        pid=number,
        version=release,
        threads=threads,
    )


@pytest.fixture
def complete(stage: Stage) -> None:
    for number, kind in enumerate(("receiver", "worker", "beat", "console")):
        runs(stage, kind, number)
    for chore in ("sweep", "tidy"):
        ran(stage.store, chore)


def test_where_all_is_well_nothing_is_red(stage: Stage, complete: None, operator: Visitor, viewer: Visitor) -> None:
    for visitor in (operator, viewer):
        page = visitor.get("/about").text
        assert faults(page) == []
        assert 'class="bad"' not in page
        assert "0 of 8" in page
        assert 'action="/preferences"' in page
        assert "<option selected>Europe/Stockholm</option>" in page
    told = operator.told("/about", VIEWER)
    assert (told["version"], told["database"]["value"]["schema"]) == (OWN, told["schema"])
    assert told["database"]["value"]["kind"].split(" ")[0] in ("SQLite", "PostgreSQL")
    assert [each["name"] for each in told["running"]["value"]["chores"]] == ["sweep", "tidy"]


def test_upkeep_that_had_no_time_yet_is_not_late(stage: Stage, operator: Visitor) -> None:
    runs(stage, "beat", 3)
    assert '<span class="bad">late</span>' not in operator.get("/about").text
    with stage.store.write() as conn:
        conn.execute(update(processes).values(started_at=after(-3600)))
    assert operator.get("/about").text.count('<span class="bad">late</span>') == 2


def test_where_nothing_runs_it_says_what_is_missing(operator: Visitor) -> None:
    page = operator.get("/about").text
    assert faults(page) == []
    assert "None of these runs: receiver, worker, beat, console." in page
    assert page.count("never") == 2


def test_mixed_versions_old_tables_late_upkeep_and_dead_processes_are_red(
    stage: Stage, complete: None, operator: Visitor
) -> None:
    runs(stage, "worker", 17, "0.0.9")
    with stage.store.write() as conn:
        conn.execute(update(chores).where(chores.c.name == "sweep").values(ran_at=after(-3600)))
        conn.execute(update(processes).where(processes.c.kind == "beat").values(seen_at=after(-60)))
        conn.execute(text("UPDATE alembic_version SET version_num = '0001'"))
    page = operator.get("/about").text
    assert faults(page) == []
    assert f"Versions are mixed: 0.0.9, {OWN}." in page
    assert "None of these runs: beat." in page
    assert '<span class="bad">gone</span>' in page
    assert '<span class="bad">late</span>' in page
    assert "its tables are older than this program" in page
    with stage.store.write() as conn:
        conn.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    assert "its tables are newer than this program" in operator.get("/about").text


def test_settings_have_their_source_and_no_secret(stage: Stage, operator: Visitor) -> None:
    config = stage.settings.config
    assert config is not None
    config.write_text(
        "[delivery]\nlease = 61\n[alerts]\nemail_to = ['vakt@exempel.se']\nemail_from = 'relay@exempel.se'\n" + CONFIG,
        "utf-8",
    )
    secrets = {
        "RELAY_ALERTS_SLACK_URL": "https://hooks.slack.com/services/T0/B0/hemlig4711",
        "RELAY_ALERTS_SMTP_URL": "smtp://user:hemlig4712@mail.exempel.se",
        "RELAY_MASTER_KEY": MASTER,
        "REDIS_URL": "redis://user:hemlig4714@redis.internal:6379/1",
        "RELAY_BUTIK_SECRET": "hemlig4715",
    }
    environ = {**ENVIRON, **secrets, "RELAY_CONFIG": str(config), "DATABASE_URL": stage.settings.database_url}
    other = Stage(load({**environ, "THREADS": "3"}), {**environ, "THREADS": "3"})
    visitor = other.visitor(OPERATOR)
    page, told = visitor.get("/about").text, visitor.told("/about", OPERATOR)
    other.store.close()
    rows = {(each["table"], each["name"]): (each["value"], each["source"]) for each in told["settings"]}
    assert rows["delivery", "lease"] == ("61 s", "relay.toml [delivery]")
    assert rows["delivery", "keep_delivered"] == ("2592000 s (30 days)", "default")
    assert rows["delivery", "threads"] == ("3", "THREADS")
    assert rows["delivery", "batch"] == ("100", "default")
    assert rows["alerts", "slack"] == ("set", "RELAY_ALERTS_SLACK_URL")
    assert rows["alerts", "webhook"] == ("not set", "default")
    assert rows["alerts", "email_to"] == ("1", "relay.toml [alerts]")
    assert rows["", "redis"] == ("redis://redis.internal:6379/1", "REDIS_URL")
    assert rows["", "RELAY_MASTER_KEY"] == ("set", "RELAY_MASTER_KEY")
    assert rows["upsales", "writes"] == ("2000 in 600 s, 5000 in 3600 s", "default")
    assert rows["console", "tokens of operators"] == ("anna", "RELAY_ADMIN_TOKEN")
    assert [
        each for each in ("hemlig", MASTER, OPERATOR, VIEWER, "nyckel-butik", "vakt@") if each in page + str(told)
    ] == []
    assert faults(page) == []


def test_what_is_misconfigured_is_red(stage: Stage) -> None:
    environ = {**ENVIRON, "RELAY_CONFIG": str(stage.settings.config), "DATABASE_URL": stage.settings.database_url}
    wrong = {**environ, "RELAY_BUTIKK_API_KEY": "hemlig4711"}
    other = Stage(load(wrong), wrong)
    page = other.visitor(VIEWER).get("/about").text
    other.store.close()
    assert "RELAY_BUTIKK_API_KEY: no such setting; did you mean RELAY_BUTIK_API_KEY?" in page
    assert "hemlig4711" not in page
