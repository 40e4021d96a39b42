"""What people did: each deed is found once, by page, admin API and command."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from tests.integration.web.console.stage import OPERATOR, VIEWER, Stage, Visitor
from tests.integration.web.console.structure import faults
from worker.cli import relay
from worker.cli.context import Installation
from worker.store.people import audit
from worker.store.people.audit import Actor

PER, EVA = Actor("per", "command"), Actor("eva", "page", "10.2.0.4")


def done(stage: Stage, number: int) -> None:
    with stage.store.write() as conn:
        for n in range(number):
            actor = EVA if n % 3 == 0 else PER
            audit.record(conn, actor, "drop" if n % 2 else "pause", f"connection/c{n % 5}", why=f"because {n} < 1")


def test_a_page_and_its_neighbours_have_every_deed_once(stage: Stage, operator: Visitor) -> None:
    done(stage, 129)
    path, seen = "/audit?limit=50", []
    while path:
        answer = operator.told(path, VIEWER)
        seen += [deed["why"] for deed in answer["data"]]
        path = f"/audit?limit=50&before={answer['next']}" if answer["next"] else ""
    assert seen == [f"because {n} < 1" for n in reversed(range(129))] + [None], (
        "the sign-in of the operator is the first"
    )
    newer = operator.told(f"/audit?limit=50&after={answer['prev']}", OPERATOR)
    assert [deed["why"] for deed in newer["data"]] == seen[50:100]


@pytest.mark.parametrize(
    ("asked", "number"),
    [
        ("who=eva", 4),
        ("who=eva&who=per", 10),
        ("act=drop", 5),
        ("about=connection/c1&since=1h", 2),
        ("act=drop&about=connection/c1&who=per", 1),
        ("until=24h", 0),
    ],
)
def test_filters(stage: Stage, operator: Visitor, asked: str, number: int) -> None:
    done(stage, 10)
    assert len(operator.told(f"/audit?{asked}", OPERATOR)["data"]) == number


def test_the_page_is_well_made_empty_and_full(stage: Stage, operator: Visitor, viewer: Visitor) -> None:
    done(stage, 60)
    with stage.store.write() as conn:
        audit.record(conn, EVA, "reveal", "event/01KB", why="customer on the phone")
    for visitor in (operator, viewer):
        page = visitor.get("/audit").text
        assert faults(page) == []
        assert 'href="/events/01KB"' in page
        assert 'href="/connections/c4"' in page
        assert "page, 10.2.0.4" in page
        assert "because 7 &lt; 1" not in page
        nothing = visitor.get("/audit?who=nobody").text
        assert faults(nothing) == []
        assert "Nobody did anything" in nothing


def test_what_is_not_understood_is_said(operator: Visitor) -> None:
    page = operator.get("/audit?since=yesterday&hwo=anna")
    assert (page.status_code, faults(page.text)) == (400, [])
    assert "did you mean who?" in page.text
    assert "is no time" in page.text
    assert operator.ask("GET", "/audit?hwo=anna", OPERATOR).status_code == 400
    assert operator.get("/audit?who=&act=drop").headers["Location"] == "/audit?act=drop"


def test_the_command_shows_the_same(stage: Stage, tmp_path: Path) -> None:
    done(stage, 10)
    environ = {"DATABASE_URL": stage.settings.database_url, "RELAY_CONFIG": str(stage.settings.config)}

    def run(*arguments: str) -> str:
        installation = Installation(environ)
        result = CliRunner().invoke(relay, ["audit", "list", *arguments], obj=installation)
        installation.opened_store.close()
        assert result.exit_code == 0, result.output
        return result.stdout

    (row,) = json.loads(run("--act", "drop", "--about", "connection/c1", "--since", "1h", "--json"))
    assert (row["who"], row["via"], row["why"]) == ("per", "command", "because 1 < 1")
    assert "because 9 < 1" in run("--limit", "2")
    assert "because 7 < 1" not in run("--limit", "2")
    assert run("--who", "nobody") == "Nobody did anything that is meant by this.\n"
