"""Values become what a custom field of their type keeps, or are named as misfits."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from schemas.upsales import custom_problem
from web.sandbox.customs import TWINS
from worker.plan import Key, User, Value
from worker.sync.typed import Converted, CustomField, Fit, Misfit, as_sent, typed

COLOURS = ["Röd", "Ljus blå", "Grön"]
CET = timezone(timedelta(hours=1))


def definition(datatype: str) -> dict[str, Any]:
    return {"id": 3, "alias": "FÄLT", "datatype": datatype, "default": COLOURS, "maxLength": 0}


def field(datatype: str) -> CustomField:
    return CustomField.of(definition(datatype))


CONVERTED: list[tuple[str, Value, Value]] = [
    ("Integer", "12", "12"), ("Integer", 12, "12"), ("Integer", "12,0", "12"), ("Integer", Decimal("12.00"), "12"),
    ("Integer", "1 200", "1200"), ("Integer", "1\u00a0200", "1200"), ("Integer", "-5", "-5"), ("Integer", True, "1"),
    ("Integer", "\N{MINUS SIGN}5", "-5"), ("int", "+7", "7"), ("Integer", "0", "0"), ("Integer", "12,000,000", "12000000"),
    ("Currency", "12500,50", "12500.5"), ("Currency", "12 500,50", "12500.5"), ("Currency", "1.234,56", "1234.56"),
    ("Currency", "1,234.56", "1234.56"), ("Currency", "1'234.5", "1234.5"), ("Currency", Decimal("1E+3"), "1000"),
    ("Currency", "1e3", "1000"), ("Percent", "25 %", "25"), ("Percent", "12,5%", "12.5"), ("Discount", "-0.0", "0"),
    ("Currency", "0.30000000000000004", "0.3"), ("Currency", "33.333333333333336", "33.3333333333333"), ("Currency", "1e-20", "0"),
    ("Boolean", True, "1"), ("Boolean", False, "0"), ("Boolean", "true", "1"), ("Boolean", "FALSE", "0"),
    ("Boolean", 1, "1"), ("Boolean", "0", "0"), ("Boolean", "Ja", "1"), ("Boolean", "nej", "0"),
    ("Boolean", " Yes ", "1"), ("Boolean", "no", "0"), ("Boolean", "on", "1"),
    ("Date", "2026-03-02", "2026-03-02"), ("Date", date(2026, 3, 2), "2026-03-02"), ("Date", "20260302", "2026-03-02"),
    ("Date", "2026-03-02T23:30:00Z", "2026-03-03"), ("Date", "2026-03-02T23:30:00+01:00", "2026-03-02"),
    ("Date", "2026-03-02 23:30", "2026-03-02"), ("Date", "1777593600000", "2026-05-01"),
    ("Date", "1777593600", "2026-05-01"), ("Date", 1777593600000, "2026-05-01"), ("Date", "-315619200000", "1960-01-01"),
    ("Date", datetime(2026, 6, 30, 22, 30, tzinfo=UTC), "2026-07-01"), ("dat", "2026-06-30T00:00", "2026-06-30"),
    ("Time", "09:30", "09:30"), ("Time", "9:30", "09:30"), ("Time", "9.30", "09:30"), ("Time", "09:30:15", "09:30"),
    ("Time", "2026-07-02T07:30:00Z", "09:30"), ("Time", datetime(2026, 1, 2, 9, 30, tzinfo=CET), "09:30"),
    ("Select", "Röd", "Röd"), ("Select", "RÖD", "Röd"), ("Select", " ljus  Blå ", "Ljus blå"), ("Select", "Ro\u0308d", "Röd"),
    ("MultiSelect", "grön;RÖD", "Röd,Grön"), ("MultiSelect", ("Grön", "röd", "grön"), "Röd,Grön"),
    ("MultiSelect", "Röd, Ljus blå", "Röd,Ljus blå"), ("MultiSelect", "Grön", "Grön"), ("MultiSelect", "Röd\nGrön", "Röd,Grön"),
    ("User", "asa@exempel.se", User("asa@exempel.se")),
    ("Email", " asa@exempel.se ", "asa@exempel.se"), ("Link", "https://exempel.se/a?b=c", "https://exempel.se/a?b=c"),
    ("Link", "exempel.se", "exempel.se"), ("Link", "mailto:asa@exempel.se", "mailto:asa@exempel.se"),
    ("String", "  Hej\n", "Hej"), ("String", "å" * 255, "å" * 255), ("String", 7, "7"), ("String", Decimal("7.50"), "7.5"),
    ("String", True, "1"), ("String", ("a", "b"), "a; b"), ("Text", "å" * 5000, "å" * 5000),
    ("String", datetime(2026, 3, 2, 8, 15, tzinfo=UTC), "2026-03-02T08:15:00Z"), ("String", date(2026, 3, 2), "2026-03-02"),
    ("Hittills okänd", "vad som helst", "vad som helst"), ("Hittills okänd", 5, 5),
    ("Date", "", ""), ("Integer", "  ", ""), ("Integer", None, None), ("Date", Key("account", "1"), Key("account", "1")),
]  # fmt: skip


@pytest.mark.parametrize(("datatype", "told", "kept"), CONVERTED)
def test_a_value_becomes_what_its_field_keeps(datatype: str, told: Value, kept: Value) -> None:
    assert typed(field(datatype), told) == Fit(kept)


MISFITS: list[tuple[str, Value, str]] = [
    ("Integer", "ca 50 000 kr", "whole numbers"), ("Integer", "tolv", "whole numbers"), ("Integer", "12.5", "whole numbers"),
    ("Integer", "12,500", "whole numbers"), ("Integer", "12 13", "whole numbers"), ("Integer", "9" * 16, "whole numbers"),
    ("Integer", "1e400", "whole numbers"), ("Currency", "1,200", "a number field"), ("Currency", "NaN", "a number field"),
    ("Currency", "1.2.3", "a number field"), ("Currency", "1e15", "a number field"),
    ("Percent", "en fjärdedel", "a number field"), ("Percent", "%", "a number field"),
    ("Boolean", "kanske", "yes/no"), ("Boolean", 2, "yes/no"), ("Boolean", ("ja", "nej"), "yes/no"),
    ("Date", "2 mars 2026", "a date"), ("Date", "2026-02-30", "a date"), ("Date", "03/02/2026", "a date"), ("Date", 7, "a date"),
    ("Date", True, "a date"), ("Date", "9" * 15, "a date"), ("Date", "9999-12-31T23:59:59-12:00", "a date"),
    ("Time", "halv tio", "a time"), ("Time", "24:00", "a time"), ("Time", "2026-03-02", "a time"), ("Time", "9", "a time"),
    ("Select", "Gul", "not one of Röd, Ljus blå, Grön"), ("MultiSelect", "Gul;Lila", "not one of Röd"),
    ("User", "Åsa Öberg", "by e-mail"), ("User", "7", "by e-mail"),
    ("Email", "åsa at exempel.se", "an e-mail address"), ("Email", f"{'å' * 5}@a, b@c", "an e-mail address"),
    ("Link", "saknas", "a web address"), ("Link", "se vår sida", "a web address"),
    ("String", "API_BLANK", "empty the field"), ("Text", "a\x00b", "NUL"),
]  # fmt: skip


@pytest.mark.parametrize(("datatype", "told", "reason"), MISFITS)
def test_what_does_not_fit_says_why(datatype: str, told: Value, reason: str) -> None:
    found = typed(field(datatype), told)
    assert isinstance(found, Misfit)
    assert reason in found.reason


def test_a_text_that_is_too_long_is_cut_visibly_and_told_in_full() -> None:
    found = typed(field("String"), "ord " * 100)
    assert isinstance(found, Fit)
    assert isinstance(found.value, str)
    assert (len(found.value) <= 255, found.value[-4:]) == (True, "ord…")
    assert found.without == Misfit(("ord " * 100).strip(), "cut at 255 characters", partly=True)
    assert found.without.in_full(field("String")).startswith("Not kept in full: FÄLT 'ord ord")


def test_of_several_options_those_that_are_none_are_left_out() -> None:
    left_out = Misfit("Gul", "not one of Röd, Ljus blå, Grön")
    assert typed(field("MultiSelect"), "Grön; Gul; röd") == Fit("Röd,Grön", left_out)
    assert typed(field("MultiSelect"), "Grön, Gul") == Fit("Grön", left_out)


def test_options_that_are_not_told_are_all_taken() -> None:
    free = CustomField(3, "FÄLT", "multiselect")
    assert typed(free, "b;a") == Fit("b,a")
    assert as_sent(free, "b,a") == "b,a"
    assert typed(CustomField(3, "FÄLT", "select"), "vad som helst") == Fit("vad som helst")


def test_an_option_is_not_guessed_between_two() -> None:
    twins = CustomField(3, "FÄLT", "select", ("VIP", "vip"))
    assert typed(twins, "vip") == Fit("vip")
    assert typed(twins, "Vip") == Misfit("Vip", "not one of VIP, vip")


SHOWN: list[tuple[str, Any, Any]] = [
    ("Date", "2026-05-01T00:00:00.000Z", "2026-05-01"), ("Date", "2026-04-30T22:00:00.000Z", "2026-05-01"),
    ("Boolean", True, "1"), ("Boolean", "true", "1"), ("Currency", 12.5, "12.5"), ("Currency", "12.50", "12.5"),
    ("MultiSelect", ["Grön", "Röd"], "Röd,Grön"), ("MultiSelect", "Grön,Borttagen", "Grön,Borttagen"),
    ("Select", "Borttagen", "Borttagen"), ("User", 7, "7"), ("User", "7", "7"), ("Integer", None, None), ("Text", "", ""),
    ("Date", "skräp", "skräp"), ("Hittills okänd", {"a": 1}, {"a": 1}),
]  # fmt: skip


@pytest.mark.parametrize(("datatype", "shown", "value"), SHOWN)
def test_what_upsales_shows_is_read_in_the_form_in_which_it_is_sent(datatype: str, shown: Any, value: Any) -> None:
    assert as_sent(field(datatype), shown) == value


DATATYPES = ("String", "Text", "Integer", "Currency", "Percent", "Discount", "Boolean", "Date", "Time", "Select",
             "MultiSelect", "Email", "Link")  # fmt: skip

scalars: st.SearchStrategy[Value] = st.one_of(
    st.text(), st.integers(), st.booleans(), st.decimals(allow_nan=False, allow_infinity=False), st.dates(), st.datetimes(timezones=st.just(UTC)),
    st.sampled_from([told for _, told, _ in CONVERTED if not isinstance(told, Key)]),
    st.sampled_from(COLOURS), st.emails(), st.datetimes().map(str), st.floats(allow_nan=False).map(str),
)  # fmt: skip
values = scalars | st.lists(st.sampled_from(COLOURS) | st.text(), max_size=4).map(tuple)


def kept(found: Converted) -> str | None:
    return found.value if isinstance(found, Fit) and isinstance(found.value, str) and found.value else None


@given(st.sampled_from(DATATYPES), values)
def test_what_fits_is_kept_by_upsales_and_read_back_as_it_was_sent(datatype: str, told: Value) -> None:
    sent = kept(typed(field(datatype), told))
    if sent is None:
        return
    assert custom_problem(definition(datatype), sent) is None
    assert typed(field(datatype), sent) == Fit(sent)
    stored = TWINS[datatype](definition(datatype), sent) if datatype in TWINS else {"value": sent}
    assert stored is not None
    assert as_sent(field(datatype), stored["value"]) == sent
