"""What fits no custom field is left out, named, and kept in the notes of what happened."""

from __future__ import annotations

import pytest

from tests.fakes import FakeCrm, Lane, World
from tests.fakes.upsales import CUSTOM_FIELDS
from worker.errors import Rejected
from worker.plan import Key, Standing, Sure, Upsert, User, Value
from worker.sdk.mapping.text import NOTES
from worker.sync.fit import Fitted, fit
from worker.sync.records import Json

COMPANY = Key("account", "företag:1")
LATER = "Not kept: DAY 'i vår' (a date field)"


@pytest.fixture
def crm() -> FakeCrm:
    return FakeCrm(World().upsales, "butik")


def company(**custom: Value) -> Upsert:
    return Upsert(key=COMPANY, set={"name": "Åkeri", **{f"custom.{alias}": value for alias, value in custom.items()}})


def activity(**fields: Value) -> Upsert:
    return Upsert(key=Key("activity", "svar:1"), on_create={"client": COMPANY, **fields})


def shown(world: World) -> dict[str, Json]:
    names = {number: alias for alias, number in CUSTOM_FIELDS.items()}
    (data,) = world.upsales.live("account").values()
    return {names[each["fieldId"]]: each["value"] for each in data["custom"]} | {"EXTERNAL_ID": "…"}


def test_what_fits_is_converted_under_every_policy(crm: FakeCrm) -> None:
    told: dict[str, Value] = {"custom.VIP": "ja", "name": "Ö", "custom.NOTE": None}
    kept: dict[str, Value] = {"custom.VIP": "1", "name": "Ö", "custom.NOTE": None}

    def policies(fields: dict[str, Value]) -> Upsert:
        return Upsert(
            key=COMPANY,
            set=fields,
            on_create=fields,
            if_empty=fields,
            if_ours=fields,
            while_ours=fields,
            surest={name: Sure(value, Standing.OWN) for name, value in fields.items()},
        )

    assert fit(crm, (policies(told),)) == Fitted((policies(kept),), ())


def test_an_order_that_keeps_notes_while_they_are_empty_has_it_there(crm: FakeCrm) -> None:
    order = Upsert(key=Key("order", "1"), set={"custom.DAY": "i vår"}, if_empty={"notes": "2 x Hylla"})
    (found,) = fit(crm, (order,)).plan
    assert found.if_empty["notes"] == f"2 x Hylla\n\n{LATER}"


def test_what_does_not_fit_is_left_out_and_named_once(crm: FakeCrm) -> None:
    upsert = Upsert(key=COMPANY, set={"custom.DAY": "i vår", "custom.NOTE": "x"}, on_create={"custom.DAY": "i vår"})
    fitted = fit(crm, (upsert,))
    assert fitted == Fitted((Upsert(key=COMPANY, set={"custom.NOTE": "x"}),), (LATER,))


def test_a_user_is_found_or_does_not_fit(crm: FakeCrm) -> None:
    (found,) = fit(crm, (company(OWNER="säljare@öberg.se"),)).plan
    assert found.set["custom.OWNER"] == User("säljare@öberg.se")
    fitted = fit(crm, (company(OWNER="slutat@öberg.se"),))
    assert fitted.plan == (company(),)
    assert fitted.misfits == ("Not kept: OWNER 'slutat@öberg.se' (no active user in Upsales has this e-mail address)",)


def test_a_field_that_is_not_there_is_no_misfit_of_the_value(crm: FakeCrm) -> None:
    """A setting or an agreement with the sender is wrong, and all values of it would be lost."""
    with pytest.raises(Rejected, match="no custom field FINNS_INTE"):
        fit(crm, (company(FINNS_INTE="x"),))


def test_it_can_be_read_in_the_notes_of_what_happened(crm: FakeCrm) -> None:
    plan = (company(DAY="i vår"), activity(notes="När? i vår"), activity(notes="Och en till"))
    _, noted, other = fit(crm, plan).plan
    assert noted.on_create["notes"] == f"När? i vår\n\n{LATER}"
    assert other.on_create["notes"] == "Och en till"


def test_notes_that_are_full_make_room_for_it(crm: FakeCrm) -> None:
    notes = fit(crm, (company(DAY="i vår"), activity(notes="ord " * 2500))).plan[1].on_create["notes"]
    assert isinstance(notes, str)
    assert len(notes) <= NOTES
    assert notes.endswith(f"…\n\n{LATER}")


@pytest.mark.parametrize(
    "place",
    [
        Upsert(key=COMPANY, set={"notes": "Om företaget"}),
        activity(description="Ring"),
        Upsert(key=Key("activity", "svar:1"), set={"notes": "Finns redan"}, create=False),
    ],
    ids=["notes about a company", "no notes", "only a change"],
)
def test_other_notes_are_left_alone(crm: FakeCrm, place: Upsert) -> None:
    assert fit(crm, (company(DAY="i vår"), place)).plan[1] == place


def test_a_long_value_is_short_on_the_event_and_whole_in_the_notes(crm: FakeCrm) -> None:
    long = "rad ett\n" + "ord " * 100
    fitted = fit(crm, (company(DAY=long), activity(notes="-")))
    assert len(fitted.misfits[0]) < 250
    assert long.strip() in str(fitted.plan[1].on_create["notes"])


def test_what_stands_is_kept_when_a_value_does_not_fit() -> None:
    world = World()
    world.now(company(VIP="ja", DAY="2026-03-02"))
    result = world.now(company(VIP="kanske", DAY="i vår", NOTE="ny"))
    assert shown(world) == {"EXTERNAL_ID": "…", "VIP": "1", "DAY": "2026-03-02", "NOTE": "ny"}
    assert [*result.misfits.values()] == [("Not kept: VIP 'kanske' (a yes/no field)", LATER)]


def test_a_value_that_does_not_fit_does_not_win_over_an_older_one_that_does() -> None:
    world = World()
    world.deliver(Lane(waiting=[world.event(company(DAY="2026-03-02")), world.event(company(DAY="i vår"))]))
    assert shown(world)["DAY"] == "2026-03-02"


@pytest.mark.parametrize("again", ["2026-05-01T10:00:00+02:00", "1777593600000", "20260501"])
def test_the_same_told_otherwise_is_not_written_again(again: str) -> None:
    world = World()
    world.now(company(DAY="2026-05-01", VIP="ja"))
    (record_id,) = world.upsales.live("account")
    world.upsales.edited_custom("account", record_id, DAY="2026-05-01T00:00:00.000Z", VIP="true")
    world.now(company(DAY=again, VIP=1))
    assert not world.upsales.of("PUT")
