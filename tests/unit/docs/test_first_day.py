"""What the pages for the first day have their reader write down is right as it stands there."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from worker.cli.doctor.findings import WORST_FIRST
from worker.connectors import generic
from worker.devkit import cases
from worker.plan import Ignored
from worker.sdk.read import read
from worker.sdk.route import plan_event
from worker.settings import load

DOCS = Path(__file__).parents[3] / "docs"
FIRST_DAY = (DOCS / "first-day.md").read_text("utf-8")
(ORDER,) = re.findall(r"```json\n(.*?)```", FIRST_DAY, re.DOTALL)


@pytest.mark.parametrize("page", ["first-day.md", "going-live.md", "recipes.md"])
def test_settings_can_be_loaded(page: str, tmp_path: Path) -> None:
    (settings,) = re.findall(r"```toml\n(.*?)```", (DOCS / page).read_text("utf-8"), re.DOTALL)
    path = tmp_path / "relay.toml"
    path.write_text(settings, "utf-8")
    assert load({"RELAY_CONFIG": str(path)}).connections


def test_the_first_order_makes_a_company_a_contact_and_an_order() -> None:
    case = cases.load(json.loads(ORDER), generic.connector)
    settings = generic.connector.settings(owner="you@example.com", fallback_product="MISC")
    (event,) = [cases.event_of(reading, case) for reading in read(generic.connector, case.request)]
    plan = plan_event(generic.connector, settings, event)
    assert not isinstance(plan, Ignored)
    assert [upsert.key.resource for upsert in plan] == ["account", "contact", "order"]


def test_the_test_plan_changes_what_the_first_order_has() -> None:
    changed = re.findall(
        r'`(quantity|stage|id|time|data\.id)`|"curency"` for `"(currency)"', FIRST_DAY.partition("## Test plan")[2]
    )
    body = json.loads(ORDER)["body"]
    text = json.dumps(body)
    assert {name for pair in changed for name in pair if name and f'"{name.rpartition(".")[2]}"' not in text} == set()
    assert len(changed) > 6


def test_the_pages_speak_of_the_doctors_levels() -> None:
    pages = [(DOCS / name).read_text("utf-8") for name in ("first-day.md", "going-live.md")]
    said = [
        level
        for text in pages
        for level in re.findall(r"(?:every line is|everything|line that is|`wrong` or) `(\w+)`", text)
    ]
    assert len(said) > 2
    assert set(said) <= set(WORST_FIRST)


def test_what_the_doctor_says_is_quoted_as_it_says_it() -> None:
    table = re.search(r"\| the doctor says \| do \|\n\|.*\n((?:\|.*\n)+)", FIRST_DAY)
    assert table is not None
    said = [row.split(" | ")[0].removeprefix("| ") for row in table[1].splitlines()]
    source = "".join(path.read_text("utf-8") for path in (DOCS.parent / "worker").rglob("*.py"))
    parts = [part.strip() for quoted in said for part in re.split("…|EXTERNAL_ID|:", quoted)]
    assert [part for part in parts if part not in source] == []
    assert len(said) > 3
