"""docs/admin-api.md names every type of problem, with its status."""

from __future__ import annotations

import re
from pathlib import Path

from web.console.idempotency import HEADER, REPLAYED
from web.console.kinds import KINDS, URN

PAGE = (Path(__file__).parents[3] / "docs" / "admin-api.md").read_text("utf-8")


def test_each_type_is_on_the_page_and_no_other() -> None:
    rows = re.findall(r"^\| ((?:`[a-z-]+`(?:, )?)+) \| (\d+) \|", PAGE, re.MULTILINE)
    told = {name: int(status) for names, status in rows for name in re.findall(r"`([a-z-]+)`", names)}
    assert told == {kind: status for kind, (status, _) in KINDS.items()}


def test_names_are_as_they_are_sent() -> None:
    assert all(f"`{name}" in PAGE for name in (HEADER, REPLAYED, URN))
