"""Folding a lane's plans: what its events, one after the other, leave to be written, in fewer calls."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import TypeAlias

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.fakes import Lane, World
from tests.fakes.snapshot import Snapshot
from worker.errors import Rejected
from worker.plan import IfKnown, Key, Match, Ref, Upsert, Value
from worker.sync.fold import Change, Decided, Decision, Planned, decide, decide_new, empty, fold
from worker.sync.records import Held

ACCOUNT = Key("account", "företag:1")
CONTACT = Key("contact", "kund:Åsa")
ORDER = Key("order", "order:1")
ORG_NO = Match("orgNo", "599999-0046")


def change(world: World, *upserts: Upsert) -> Change:
    """What as many events wish for one record."""
    (found,) = fold([world.event(upsert) for upsert in upserts])
    return found


def values(decision: Decision) -> dict[str, Value]:
    return {name: decided.value for name, decided in decision.fields.items()}


def account(**fields: Value) -> Upsert:
    return Upsert(key=ACCOUNT, set=fields)


def filled(**fields: Value) -> Upsert:
    return Upsert(key=ACCOUNT, if_empty=fields)


def while_ours(**fields: Value) -> Upsert:
    return Upsert(key=ACCOUNT, while_ours=fields)


def held(value: Value, minute: float, world: World) -> Held:
    event = world.event(minute=minute)
    return Held(value, event.time, event.seq, event.event, event.connection)


# A record that is to be made


@pytest.mark.parametrize(
    ("upserts", "made"),
    [
        ([account(name="A"), account(name="B")], {"name": "B"}),
        ([account(name="A"), account(phone="1")], {"name": "A", "phone": "1"}),
        ([filled(name="A"), filled(name="B")], {"name": "A"}),
        ([filled(name=""), filled(name="B")], {"name": "B"}),
        ([account(name=""), filled(name="B")], {"name": "B"}),
        ([account(name="A"), filled(name="B")], {"name": "A"}),
        ([filled(name="A"), account(name="B")], {"name": "B"}),
        ([Upsert(key=ACCOUNT, on_create={"n": 1}), Upsert(key=ACCOUNT, on_create={"n": 2, "m": 2})], {"n": 1}),
        ([Upsert(key=ACCOUNT, on_create={"n": 1}, set={"n": 2})], {"n": 2}),
        ([Upsert(key=ACCOUNT, on_create={"n": 1}, if_empty={"n": 2})], {"n": 1}),
        ([Upsert(key=ACCOUNT, on_create={"n": None}, if_empty={"n": 2})], {"n": 2}),
        ([account(n=0), filled(n=2)], {"n": 0}),
        ([account(n=False), filled(n=True)], {"n": False}),
        ([Upsert(key=ACCOUNT, set={"n": 1}, create=False)], {}),
        (
            [Upsert(key=ACCOUNT, set={"n": 1, "m": 1}, on_create={"o": 1}, create=False), account(n=2)],
            {"n": 2, "m": 1},
        ),
    ],
    ids=[
        "set: the newest",
        "set: fields of several events",
        "if_empty: the first",
        "if_empty: the first that is not empty",
        "if_empty: fills what was set to nothing",
        "if_empty: never over what was set",
        "set: over what was filled",
        "on_create: of the event that makes it",
        "set: over on_create",
        "if_empty: never over on_create",
        "if_empty: fills an empty on_create",
        "zero is a value",
        "false is a value",
        "create=False: nothing is made",
        "create=False: counts once another event makes it, its on_create does not",
    ],
)
def test_a_record_that_is_to_be_made(upserts: list[Upsert], made: Mapping[str, Value]) -> None:
    assert values(decide_new(change(World(), *upserts))) == made


# A record that exists


@pytest.mark.parametrize(
    ("upsert", "decided"),
    [
        (account(name="ny"), {"name": "ny"}),
        (account(phone="1"), {"phone": "1"}),
        (account(late="för sent"), {}),
        (filled(name="ny"), {}),
        (filled(nothing="1"), {"nothing": "1"}),
        (filled(cleared="för sent"), {}),
        (Upsert(key=ACCOUNT, on_create={"phone": "1"}), {}),
    ],
    ids=[
        "set: over something older",
        "set: what is not known",
        "set: never over something newer",
        "if_empty: never over something",
        "if_empty: what people left empty",
        "if_empty: never what was emptied later",
        "on_create: not any more",
    ],
)
def test_a_record_that_exists(upsert: Upsert, decided: Mapping[str, Value]) -> None:
    world = World()
    known = {
        "name": held("gammal", 1, world),
        "late": held("nyare", 60, world),
        "nothing": Held.seen(""),
        "cleared": held("", 60, world),
    }
    found = decide(change(world, upsert), known, vacant=lambda name: name in {"nothing", "cleared"})
    assert values(found) == decided
    assert not found.unread


@pytest.mark.parametrize(
    ("upserts", "unread"),
    [
        ([filled(nothing="1")], {"nothing"}),
        ([filled(emptied="1")], {"emptied"}),
        ([account(emptied=None), filled(emptied="1")], {"emptied"}),
        ([filled(emptied="1"), account(emptied="2")], set()),
        ([while_ours(unknown=""), account(unknown="")], {"unknown"}),
        ([while_ours(unknown=""), account(unknown=""), account(unknown=None)], {"unknown"}),
        ([while_ours(unknown=""), account(unknown="1")], set()),
        ([account(unknown="")], set()),
        ([account(emptied="1"), account(emptied=None), filled(emptied="2")], set()),
        ([account(name=None), filled(name="1")], set()),
        ([filled(cleared="1")], set()),
        ([filled(name="1", nothing="")], set()),
    ],
    ids=[
        "what people left empty",
        "what was emptied",
        "what was emptied and is again",
        "what is set anyway",
        "what is taken back and emptied, and may be empty already",
        "what is taken back and emptied twice",
        "what is taken back and set",
        "what is emptied and not read anyway",
        "what is emptied here",
        "what is emptied first",
        "what was emptied later",
        "what is not empty, or nothing to fill in",
    ],
)
def test_what_was_empty_must_be_looked_at_before_it_is_filled(upserts: list[Upsert], unread: set[str]) -> None:
    world = World()
    known = {
        "name": held("gammal", 0, world),
        "emptied": held(None, 0, world),
        "nothing": Held.seen(""),
        "cleared": held("", 60, world),
    }
    assert decide(change(world, *upserts), known).unread == unread


def test_a_field_that_is_to_be_filled_must_be_known_first_unless_it_is_set_anyway() -> None:
    world = World()
    assert decide(change(world, filled(phone="1", fax="2"), account(phone="3")), {}).unread == {"fax"}
    assert not decide(change(world, filled(phone="")), {}).unread


def test_at_one_time_the_later_arrival_is_the_newer() -> None:
    world = World()
    first, second = world.event(account(name="A"), minute=5), world.event(account(name="B"), minute=5)
    (found,) = fold([second, first])
    assert values(decide_new(found)) == {"name": "B"}
    assert decide_new(found).fields["name"].event == second


# Of one time


def told(world: World, *ranks: tuple[int | None, int]) -> list[Planned]:
    """Events of one time, by version and rank. Each says its own place as the name."""
    return [world.event(account(name=str(at)), minute=5, version=at[0], rank=at[1]) for at in ranks]


@pytest.mark.parametrize(
    ("ranks", "name"),
    [
        ([(None, 1), (None, 0)], "(None, 1)"),
        ([(2, 0), (1, 0)], "(2, 0)"),
        ([(2, 0), (1, 1)], "(2, 0)"),
        ([(2, 1), (2, 0)], "(2, 1)"),
        ([(1, 0), (None, 9)], "(1, 0)"),
    ],
    ids=["rank", "version", "version before rank", "rank of one version", "no version is the lowest"],
)
def test_at_one_time_version_and_rank_count_before_arrival(ranks: list[tuple[int | None, int]], name: str) -> None:
    world = World()
    arrived = told(world, *ranks)
    assert values(decide_new(fold(arrived)[0])) == {"name": name}
    known: dict[str, Decided] = {}
    for event in arrived:
        known |= decide(fold([event])[0], known).fields
    assert known["name"].value == name


def test_what_is_final_stands_whatever_its_connection_tells_later() -> None:
    world = World()
    over = world.event(Upsert(key=ACCOUNT, set={"name": "Slut"}, final=True), minute=5)
    later = world.event(account(name="Ny", phone="1"), minute=60)
    assert values(decide_new(fold([over, later])[0])) == {"name": "Slut", "phone": "1"}
    first = decide(fold([over])[0], {}).fields
    assert values(decide(fold([later])[0], first)) == {"phone": "1"}
    assert values(decide(fold([over])[0], decide(fold([later])[0], {}).fields)) == {"name": "Slut"}
    elsewhere = world.event(account(name="Annan"), minute=60, connection="formulär")
    assert values(decide(fold([elsewhere])[0], first)) == {"name": "Annan"}


def test_on_create_is_never_over_what_is_final() -> None:
    world = World()
    over = world.event(Upsert(key=ACCOUNT, set={"name": "Slut"}, create=False, final=True), minute=5)
    made = world.event(Upsert(key=ACCOUNT, on_create={"name": "Ny", "phone": "1"}), minute=60)
    assert values(decide_new(fold([over, made])[0])) == {"name": "Slut", "phone": "1"}


# Order, natural keys, links


@pytest.mark.parametrize("link", [CONTACT, IfKnown(CONTACT)], ids=["needed", "if known"])
def test_linked_records_come_before_those_that_link_to_them(link: Value) -> None:
    world = World()
    order = Upsert(key=ORDER, set={"contact": link}, on_create={"client": ACCOUNT})
    contact = Upsert(key=CONTACT, if_empty={"client": ACCOUNT})
    keys = [found.key for found in fold([world.event(order), world.event(contact, account(name="Å"))])]
    assert keys == [ACCOUNT, CONTACT, ORDER]


def test_links_that_form_a_circle_are_rejected_by_name() -> None:
    world = World()
    first = Upsert(key=ACCOUNT, set={"parent": CONTACT})
    second = Upsert(key=CONTACT, set={"client": ACCOUNT})
    with pytest.raises(Rejected, match=r"circle: .*(account företag:1.*contact kund:Åsa|contact.*account)"):
        fold([world.event(first, second)])


def test_links_are_found_however_deep_they_lie() -> None:
    value: Value = {"users": (Ref(1), CONTACT), "more": {"client": ACCOUNT}}
    assert change(World(), account(parent=value, own=ACCOUNT)).links == (CONTACT,)


def test_links_that_may_be_left_out_are_links_that_are_not_needed() -> None:
    found = change(World(), account(parent=CONTACT), account(order=IfKnown(ORDER), parent=IfKnown(CONTACT)))
    assert set(found.links) == {CONTACT, ORDER}
    assert found.needs == (CONTACT,)


def test_a_link_that_is_left_out_decides_nothing() -> None:
    both = change(World(), account(parent=CONTACT), account(parent=IfKnown(ORDER)))
    assert values(decide_new(both.knowing({CONTACT, ORDER}))) == {"parent": ORDER}
    assert values(decide_new(both.knowing({CONTACT}))) == {"parent": CONTACT}


def test_a_record_is_looked_for_by_what_its_events_name_up_to_the_one_that_would_make_it() -> None:
    def named(*matches: str, create: bool = True) -> Upsert:
        return Upsert(key=ACCOUNT, match=tuple(Match("orgNo", value) for value in matches), create=create)

    found = change(World(), named("1", create=False), named("2", "", "1"), named("3"))
    assert [match.value for match in found.matches] == ["1", "2"]
    assert [match.value for match in found.all_matches] == ["1", "2", "3"]
    assert [match.value for match in change(World(), named("1", create=False), named("2", create=False)).matches] == [
        "1",
        "2",
    ]


@pytest.mark.parametrize(
    ("value", "nothing"), [(None, True), ("", True), ((), True), ({}, True), (0, False), (False, False)]
)
def test_what_upsales_shows_as_nothing(value: object, *, nothing: bool) -> None:
    assert empty(value) is nothing


# The law: folded or one by one, it comes to the same

VALUES = st.sampled_from(["", "å", "ö", None])
FIELDS = st.dictionaries(st.sampled_from(["phone", "webpage", "custom.NOTE"]), VALUES, max_size=2)


EMPLOYER = Key("account", "företag:förra")
"""A company that an event long before may have made."""
PARTNERS: list[Value] = [ACCOUNT, IfKnown(ACCOUNT), IfKnown(EMPLOYER)]


RANKS = st.tuples(st.none() | st.integers(1, 2), st.integers(0, 2))
"""The sender's version and the rank of the event's type."""


def upserts(
    key: Key, match: tuple[Match, ...], links: st.SearchStrategy[dict[str, Value]]
) -> st.SearchStrategy[Upsert]:
    return st.builds(
        lambda said, to_set, on_create, if_empty, while_ours, create, final: Upsert(
            key=key,
            match=match,
            set={**said, **to_set},
            on_create=on_create,
            if_empty=if_empty,
            while_ours=while_ours,
            create=create,
            final=final,
        ),
        links,
        FIELDS,
        FIELDS,
        FIELDS,
        FIELDS,
        st.booleans(),
        st.booleans(),
    )


ACCOUNTS = upserts(ACCOUNT, (ORG_NO,), st.just({"orgNo": ORG_NO.value}))
CONTACTS = upserts(
    CONTACT,
    (),
    st.fixed_dictionaries({"client": st.just(ACCOUNT), "partner": st.sampled_from(PARTNERS)}),
)
Told: TypeAlias = tuple[Upsert, Upsert | None, int, tuple[int | None, int]]
"""What an event says of company and contact, its minute, its version and rank."""

PLANS = st.lists(st.tuples(ACCOUNTS, st.none() | CONTACTS, st.integers(0, 4), RANKS), min_size=1, max_size=5)


def events(world: World, plans: list[Told]) -> list[Planned]:
    """In the sender's order. The first to name a record may make it."""
    made = sorted(
        (
            world.event(*filter(None, (account, contact)), minute=minute, version=version, rank=rank)
            for account, contact, minute, (version, rank) in plans
        ),
        key=lambda event: event.version,
    )
    known: set[Key] = set()
    return [_makes_what_is_new(event, known) for event in made]


def sent(found: Snapshot) -> Snapshot:
    """Without what was only seen in Upsales (whoever looks at more fields at once has seen more), and without empty fields."""
    records = {
        record: {name: value for name, value in fields.items() if value[3] is not None}
        for record, fields in found.records.items()
    }
    shown = {
        record: {name: value for name, value in data.items() if not empty(value)}
        for record, data in found.upsales.items()
    }
    return replace(found, records=records, upsales=shown)


def _makes_what_is_new(event: Planned, known: set[Key]) -> Planned:
    plan = []
    for upsert in event.plan:
        plan.append(replace(upsert, create=upsert.create or upsert.key not in known))
        known.add(upsert.key)
    return replace(event, plan=tuple(plan))


@settings(max_examples=120, deadline=None)
@given(plans=PLANS, before=st.none() | st.tuples(FIELDS, st.integers(0, 4)), people=FIELDS, employed=st.booleans())
def test_folded_or_one_by_one_it_comes_to_the_same_and_folded_costs_no_more_writes(
    plans: list[Told],
    before: tuple[dict[str, Value], int] | None,
    people: dict[str, Value],
    *,
    employed: bool,
) -> None:
    """From nothing, or on a record that people made, or on one that events (newer ones too) have written to."""
    worlds = []
    for folded in (True, False):
        world = World()
        if people:
            shown = {name: value or "" for name, value in people.items() if name != "custom.NOTE"}
            world.upsales.made("account", orgNo=ORG_NO.value, **shown)
            world.clock.advance(60)
        if employed:
            world.now(Upsert(key=EMPLOYER, set={"name": "Förra AB"}), subject="förra")
        if before is not None:
            first = Upsert(key=ACCOUNT, match=(ORG_NO,), set={"orgNo": ORG_NO.value, **before[0]})
            world.deliver(Lane(waiting=[world.event(first, minute=before[1])]))
        waiting = events(world, plans)
        for run in [waiting] if folded else [[event] for event in waiting]:
            world.deliver(Lane(waiting=run))
        worlds.append(world)
    together, apart = worlds
    assert sent(together.snapshot()) == sent(apart.snapshot())
    assert len(together.upsales.writes) <= len(apart.upsales.writes)
