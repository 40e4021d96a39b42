"""The demo's table is for people: it fits their terminal, and says who told of a record."""

from __future__ import annotations

import re
from typing import Any

import pytest

from worker.cli.demo import show_records
from worker.cli.local.demo_report import Made, tells

RECORDS = (
    Made(("calendly", "shopify", "stripe", "woocommerce"), "account", 2, "Elin von Åberg"),
    Made(("stripe",), "contact", 10, "Göteborgs Mekaniska Verkstad AB, faktura@gbgmek.example"),
)


@pytest.mark.parametrize("columns", [80, 100])
def test_a_record_is_a_row_on_an_ordinary_terminal(
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
    columns: int,
) -> None:
    for name, value in {"FORCE_COLOR": "1", "TERM": "xterm", "COLUMNS": str(columns)}.items():
        monkeypatch.setenv(name, value)
    show_records(RECORDS)
    shown = re.sub(r"\x1b\[[0-9;]*m", "", capsys.readouterr().out).splitlines()
    assert max(map(len, shown)) <= columns
    assert re.fullmatch(r"in Upsales +which is +told by *", shown[0])
    assert re.fullmatch(r"account 2 +Elin von Åberg +calendly, shopify,.*", shown[1])


@pytest.mark.parametrize(
    ("resource", "record", "said"),
    [
        ("order", {"description": "Svets", "value": 48000, "currency": "SEK", "stage": {"name": "Order"}}, "Svets, 48000 SEK, Order"),
        ("order", {"description": "Svets", "value": 0, "currency": "SEK"}, "Svets, 0 SEK"),
        ("appointment", {"description": "Demo", "date": "2026-03-05T12:00:00.000Z"}, "Demo, 2026-03-05 12:00 UTC"),
        ("activity", {"description": "Ring", "date": "2026-03-05"}, "Ring, 2026-03-05"),
        ("account", {"name": "Åkeri & Söner AB", "orgNo": None}, "Åkeri & Söner AB"),
        ("account", {}, ""),
    ],
)  # fmt: skip
def test_a_record_is_told_as_people_write_it(resource: str, record: dict[str, Any], said: str) -> None:
    assert tells(resource, record) == said
