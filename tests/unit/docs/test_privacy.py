"""docs/privacy.md names every table, and every setting that says how long something is kept."""

from __future__ import annotations

from dataclasses import fields
from pathlib import Path

import pytest

from worker.settings import Delivery
from worker.store.db.tables import metadata

PAGE = (Path(__file__).parents[3] / "docs" / "privacy.md").read_text("utf-8")
DAY = 86400
KEEP = [field for field in fields(Delivery) if field.name.startswith("keep_") and field.name != "keep_early"]


@pytest.mark.parametrize("table", sorted(metadata.tables))
def test_each_table_is_on_the_page(table: str) -> None:
    rows = [line for line in PAGE.splitlines() if line.startswith("|") and f"`{table}`" in line.split("|")[1]]
    assert rows, (
        f"say in docs/privacy.md what {table} holds of persons, and look through it in worker/store/privacy/search.py"
    )


@pytest.mark.parametrize("setting", [field.name for field in KEEP])
def test_each_time_is_on_the_page_with_its_default(setting: str) -> None:
    days = round(getattr(Delivery(), setting) / DAY)
    assert any(f"`{setting}`" in line and f"{days} days" in line for line in PAGE.splitlines())
