"""When an event happened: what senders write, and what they write when they know nothing."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from worker.sdk.event_time import AHEAD, EPOCH, believed, instant, told

RECEIVED = datetime(2026, 3, 2, 8, 15, tzinfo=UTC)
HALF = timedelta(milliseconds=500)

TIMES = {
    "2026-03-02T09:15:00+01:00": RECEIVED,
    "2026-03-02T08:15:00Z": RECEIVED,
    " 2026-03-02 08:15:00\n": RECEIVED,
    "2026-03-02T22:15:00+14:00": RECEIVED,
    "20260302T081500Z": RECEIVED,
    "2026-03-02T08:15:00.123456789Z": RECEIVED + timedelta(microseconds=123456),
    "20260302": datetime(2026, 3, 2, tzinfo=UTC),
    "1772439300": RECEIVED,
    "1772439300.5": RECEIVED + HALF,
    "1772439300500": RECEIVED + HALF,
    "1772439300500000": RECEIVED + HALF,
    "1772439300500000000": RECEIVED + HALF,
    "1.7724393e+09": RECEIVED,
    "2016-12-31T23:59:60Z": datetime(2017, 1, 1, tzinfo=UTC),
    "2016-12-31T23:59:60.25+00:00": datetime(2017, 1, 1, 0, 0, 0, 250_000, tzinfo=UTC),
    "20161231T235960Z": datetime(2017, 1, 1, tzinfo=UTC),
    "9999-12-31T23:59:59Z": datetime(9999, 12, 31, 23, 59, 59, tzinfo=UTC),
}
NONE = [
    "i går",
    "0001-01-01T00:00:00Z",
    "0001-01-01T00:00:00+10:00",
    "1969-12-31T23:59:59Z",
    "1970-01-01T00:00:00Z",
    "1970-01-01T00:00:00+01:00",
    "0",
    "-1",
    "-1772439300",
    "-62135596800000",
    "+1772439300",
    "1_772_439_300",
    "\uff11\uff17\uff17\uff12\uff14\uff13\uff19\uff13\uff10\uff10",
    "42",
    "nan",
    "NaN",
    "inf",
    "-Infinity",
    "1e999",
    "1e99",
    "9" * 20,
    "9" * 30,
    "9" * 4000,
    "2026-03-02T08:15:00+14:01",
    "2026-03-02T08:15:00-23:59",
    "2026-03-02T08:15:61Z",
    "2026-03-02T24:15:00Z",
    "2026-02-30T08:15:00Z",
    "10000-01-01T00:00:00Z",
    "9999-12-31T23:59:59-14:00",
    "9999-12-31T23:59:60Z",
    "true",
    "[]",
]


@pytest.mark.parametrize("text", TIMES, ids=ascii)
def test_time_is_read(text: str) -> None:
    assert told(text) == (TIMES[text], None)


@pytest.mark.parametrize("text", NONE, ids=lambda text: ascii(text[:40]))
def test_what_is_no_time_is_none_and_that_is_said(text: str) -> None:
    time, note = told(text)
    assert time is None
    assert note is not None
    assert note.startswith("its time '")
    assert note.endswith("can't be one: the time of receipt counts")
    assert len(note) < 200
    assert note.isprintable()


@pytest.mark.parametrize("text", [None, ""])
def test_nothing_told_is_no_time_and_nothing_to_note(text: str | None) -> None:
    assert told(text) == (None, None)


@given(st.text())
def test_any_text_is_a_time_since_1970_or_none(text: str) -> None:
    time = instant(text)
    assert time is None or (time.tzinfo is UTC and time > EPOCH)


@given(st.floats() | st.integers())
def test_any_number_is_a_time_since_1970_or_none(number: float) -> None:
    time = instant(str(number))
    assert time is None or time > EPOCH


@pytest.mark.parametrize("early", [timedelta(days=9000), timedelta(), -AHEAD])
def test_time_up_to_five_minutes_ahead_is_believed(early: timedelta) -> None:
    assert believed(RECEIVED - early, RECEIVED) == (RECEIVED - early, None)


@pytest.mark.parametrize("time", [RECEIVED + AHEAD + timedelta(microseconds=1), datetime(9999, 12, 31, tzinfo=UTC)])
def test_time_further_ahead_is_not_believed_and_that_is_said(time: datetime) -> None:
    note = f"its time {time.isoformat()} lies more than five minutes ahead: the time of receipt counts"
    assert believed(time, RECEIVED) == (None, note)
