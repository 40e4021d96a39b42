"""Lists as people, pipes and programs get them."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len

from worker.cli.folding import folded
from worker.cli.lines import Lines
from worker.cli.output import one_line, printable, show

REASON = "Upsales har ingen användare som heter så; " * 12
AT = datetime(2026, 11, 23, 8, tzinfo=timezone(timedelta(hours=1)))
ROWS: Sequence[Mapping[str, Any]] = [
    {"id": "01M84ZE4MVX1HSB943V1MGKPB4", "received": AT, "reason": f"{REASON}\nslut", "ended": False},
    {"id": "01M84ZE48TBVEWJ0E1B34YGRAB", "received": AT, "reason": None, "ended": True},
]
COLUMNS = ("id", "received", "reason", "ended")


def test_a_pipe_gets_a_row_a_line(capsys: pytest.CaptureFixture[str]) -> None:
    show(ROWS, COLUMNS, as_json=False)
    head, first, second = capsys.readouterr().out.splitlines()
    assert head.split() == ["id", "received", "reason", "ended"]
    assert f"{REASON} slut" in first
    assert second.split() == ["01M84ZE48TBVEWJ0E1B34YGRAB", "2026-11-23", "07:00:00Z", "yes"]


@pytest.mark.parametrize(("columns", "as_blocks"), [(60, True), (100, False)])
def test_a_narrow_terminal_gets_blocks_whose_ids_are_whole(
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
    columns: int,
    as_blocks: bool,  # noqa: FBT001 - a parameter
) -> None:
    monkeypatch.setenv("FORCE_COLOR", "1")
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.setenv("COLUMNS", str(columns))
    show(ROWS, COLUMNS, as_json=False)
    shown = capsys.readouterr().out
    assert all(row["id"] in shown for row in ROWS)
    assert ("\nreceived 2026-11-23 07:00:00Z\n" in shown) == as_blocks


@pytest.fixture
def terminal(monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest) -> int:
    for name, value in {"FORCE_COLOR": "1", "TERM": "xterm", "COLUMNS": str(request.param)}.items():
        monkeypatch.setenv(name, value)
    return int(request.param)


@pytest.mark.parametrize("terminal", [80, 100, 160], indirect=True)
@pytest.mark.parametrize("wide", [{}, {"type": "t" * 200}, {"connection": "Åkeri & Söner " * 20}, {"ended": True}])
def test_nothing_is_wider_than_the_terminal(
    capsys: pytest.CaptureFixture[str], terminal: int, wide: Mapping[str, Any]
) -> None:
    rows = [{**row, "connection": "butik", "type": "order.upsert", "subject": "order:1", **wide} for row in ROWS]
    columns = ("id", "connection", "type", "subject", "received", "reason", "ended")
    show(rows, columns, as_json=False)
    Lines(columns, as_json=False).show(rows)
    shown = re.sub(r"\x1b\[[0-9;]*m", "", capsys.readouterr().out)
    assert max(map(cell_len, shown.splitlines())) <= terminal
    assert shown.count("01M84ZE4MVX1HSB943V1MGKPB4") == 2
    assert "slut" in shown


@given(
    st.text(st.characters(exclude_categories=["C", "Z", "M"]) | st.just(" ")), st.integers(20, 100), st.integers(0, 10)
)
def test_folding_loses_nothing_but_blanks(text: str, width: int, indent: int) -> None:
    lines = folded(text, width, indent)
    assert "".join("".join(lines).split()) == "".join(text.split())
    assert all(cell_len(line) <= width for line in lines)


def test_what_comes_is_told_in_a_line_of_json_each(capsys: pytest.CaptureFixture[str]) -> None:
    lines = Lines(COLUMNS, as_json=True)
    for row in ROWS:
        lines.show([row])
    told = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert [each["id"] for each in told] == [row["id"] for row in ROWS]
    assert told[0]["received"] == "2026-11-23T07:00:00+00:00"


def test_columns_that_are_empty_take_no_room_on_a_terminal(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    rows = [{"a": 1, "b": None}]
    show(rows, ("a", "b"), as_json=False)
    assert capsys.readouterr().out.splitlines()[0].split() == ["a", "b"]
    monkeypatch.setenv("FORCE_COLOR", "1")
    show(rows, ("a", "b"), as_json=False)
    assert "b" not in re.sub(r"\x1b\[[0-9;]*m", "", capsys.readouterr().out)


def test_programs_get_times_with_their_zone_and_what_is_empty(capsys: pytest.CaptureFixture[str]) -> None:
    show([{"at": datetime(2026, 11, 23, 8, tzinfo=UTC), "none": None, "keys": {"ö", "å"}}], ("at",), as_json=True)
    assert json.loads(capsys.readouterr().out) == [
        {"at": "2026-11-23T08:00:00+00:00", "none": None, "keys": ["å", "ö"]}
    ]


@given(st.text())
def test_nothing_that_is_printed_moves_the_cursor(text: str) -> None:
    shown = printable(text)
    assert not {char for char in shown if ord(char) < 32 or 127 <= ord(char) < 160} - {"\n", "\t"}
    assert printable(shown) == shown
    assert len(one_line(text).splitlines()) <= 1


@pytest.mark.parametrize("text", ["Åkeri Ö AB\n\tß 👩‍👩‍👧 שלום", ""])
def test_what_people_write_is_printed_as_it_is(text: str) -> None:
    assert printable(text) == text


def test_text_is_not_turned_around() -> None:
    assert printable("faktura\u202egpj.exe") == "faktura\\u202egpj.exe"
