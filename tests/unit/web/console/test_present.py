"""What pages show is for people who see a page, and no shell."""

from __future__ import annotations

import pytest

from web.console.present import as_json, without_commands


@pytest.mark.parametrize(
    ("told", "shown"),
    [
        ("5 dead letters; `relay dead list` tells why", "5 dead letters"),
        ("waits for 20 min; `relay doctor` and `relay budget` tell why", "waits for 20 min"),
        (
            "asked again at growing intervals, or now with `relay connections resume shop`",
            "asked again at growing intervals",
        ),
        (
            "workers take nothing (`relay doctor` tells which); lost wake-ups are not sent again",
            "workers take nothing; lost wake-ups are not sent again",
        ),
        ("decide that first, see `relay review list`, then replay this one", "decide that first, then replay this one"),
        ("look in Upsales, then `relay review adopt` or `relay review create`", "look in Upsales"),
        ("if that was stopped, run `relay connections rebind shop` again", None),
        ("Upsales has no order stage named 'Vunnen'; there is Offert, Order", None),
    ],
)
def test_a_reason_on_a_page_has_no_command_that_can_be_spared(told: str, shown: str | None) -> None:
    assert without_commands(told) == (shown or told)


def test_letters_of_json_are_letters() -> None:
    assert as_json({"id": "<stage Vunnen>", "name": "Åkeri"}) == '{"id": "<stage Vunnen>", "name": "Åkeri"}'
