"""A record is made once, however its making was answered."""

from __future__ import annotations

from contextlib import suppress
from decimal import Decimal

import pytest

from tests.fakes import Fault, Lane, Tripwire, Trouble, World
from tests.fakes.upsales import CUSTOM_FIELDS
from worker.errors import (
    Busy,
    LeaseLost,
    NeedsReview,
    OutcomeUnknown,
    Refused,
    Rejected,
    Throttled,
    Unauthorized,
    Unavailable,
)
from worker.plan import RESOURCES, Key, Match, Product, Row, Stage, Upsert, User
from worker.sync.marker import marker

COMPANY = Key("account", "företag:1")
ORDER = Key("order", "order:1")
DROPPED = Fault(Trouble.DROPPED)
UNANSWERED = Fault(Trouble.UNANSWERED)


def company(name: str = "Åkeri & Söner", key: Key = COMPANY, org_no: str = "599999-0046") -> Upsert:
    return Upsert(key=key, match=(Match("orgNo", org_no, shared=True),), set={"name": name, "orgNo": org_no})


def nameless(name: str = "Blå Hästen") -> Upsert:
    return Upsert(key=COMPANY, set={"name": name})


def order(amount: int = 100) -> Upsert:
    return Upsert(
        key=ORDER,
        set={
            "client": COMPANY,
            "user": User("säljare@öberg.se"),
            "stage": Stage("Vunnen"),
            "orderRow": (Row("rad-1", Product("A-1"), Decimal(1), Decimal(amount)),),
        },
        on_create={"description": "Beställning från Göteborg"},
    )


def test_an_order_follows_its_company_and_links_to_it() -> None:
    world = World()
    world.now(order(), company())
    (account_id,) = world.upsales.live("account")
    (made,) = world.upsales.live("order").values()
    assert made["client"]["id"] == account_id
    assert made["user"] == {"id": 7}
    assert made["description"] == "Beställning från Göteborg"
    assert [call.resource for call in world.upsales.writes] == ["account", "order"]


def test_a_new_record_carries_the_marker_of_its_key() -> None:
    world = World()
    world.now(company())
    (made,) = world.upsales.live("account").values()
    assert made["custom"] == [{"fieldId": CUSTOM_FIELDS["EXTERNAL_ID"], "value": marker("butik", COMPANY)}]


def test_one_natural_key_costs_one_read_and_an_update_of_plain_fields_none() -> None:
    world = World()
    world.now(company())
    assert len(world.upsales.reads) == 1
    world.now(company("Åkeri & Döttrar"))
    assert len(world.upsales.reads) == 1
    assert [call.method for call in world.upsales.writes] == ["POST", "PUT"]


def test_the_same_event_again_calls_nobody() -> None:
    world = World()
    lane = world.lane(order(), company())
    again = list(lane.waiting)
    world.deliver(lane)
    calls = len(world.upsales.calls)
    world.deliver(Lane(waiting=again))
    assert len(world.upsales.calls) == calls


@pytest.mark.parametrize(
    ("fault", "failure"),
    [
        (Trouble.REFUSED, Refused),
        (Trouble.THROTTLED, Throttled),
        (Trouble.UNAVAILABLE, Unavailable),
        (Trouble.UNAUTHORIZED, Unauthorized),
    ],
)
def test_a_create_that_was_clearly_refused_leaves_no_trace_and_can_be_tried_again(
    fault: Trouble, failure: type[Exception]
) -> None:
    world = World()
    world.upsales.faults.append(Fault(fault))
    lane = world.lane(company())
    with pytest.raises(failure):
        world.attempt(lane)
    assert not world.store.links
    assert not world.store.identities
    world.attempt(lane)
    assert len(world.upsales.live("account")) == 1


def test_what_upsales_would_refuse_or_the_scope_forbids_is_rejected_before_any_call() -> None:
    world = World()
    world.forbidden = {"account"}
    with pytest.raises(Rejected, match="may not create"):
        world.now(company())
    world.forbidden = ()
    with pytest.raises(Rejected, match="100 characters"):
        world.now(company("Å" * 101))
    with pytest.raises(Rejected, match="Upsales has no"):
        world.now(Upsert(key=COMPANY, set={"name": "Å", "users": (User("okänd@öberg.se"),)}))
    assert not world.upsales.writes
    assert not world.store.links


def test_a_link_to_something_that_is_not_in_upsales_is_rejected() -> None:
    world = World()
    with pytest.raises(Rejected, match="links to account 'företag:1'"):
        world.now(order())


def test_a_link_to_something_that_is_being_made_waits_for_it() -> None:
    world = World()
    world.upsales.faults.append(DROPPED)
    with pytest.raises(OutcomeUnknown):
        world.attempt(world.lane(company(), subject="företag"))
    with pytest.raises(Busy):
        world.attempt(world.lane(order()))


def test_the_longer_a_link_is_being_made_the_longer_is_the_wait_for_it() -> None:
    world = World()
    world.upsales.faults.append(DROPPED)
    with pytest.raises(OutcomeUnknown):
        world.attempt(world.lane(company(), subject="företag"))
    world.clock.advance(20)
    with pytest.raises(Busy) as busy:
        world.attempt(world.lane(order()))
    assert 20 <= busy.value.seconds <= 30


@pytest.mark.parametrize("upsert", [company(), nameless()], ids=["natural key", "no natural key"])
def test_an_unanswered_create_is_found_by_its_marker_after_the_search_lag(upsert: Upsert) -> None:
    world = World()
    world.upsales.faults.append(UNANSWERED)
    world.now(upsert)
    assert len(world.upsales.live("account")) == 1
    assert len(world.upsales.writes) == 1
    assert world.clock.now < 60


def test_an_unanswered_create_is_found_by_its_natural_key_where_there_are_no_markers() -> None:
    world = World(marked=())
    world.upsales.faults.append(UNANSWERED)
    world.now(company())
    assert len(world.upsales.live("account")) == 1
    assert len(world.upsales.writes) == 1


def test_an_unanswered_create_that_has_neither_marker_nor_natural_key_waits_for_a_person() -> None:
    world = World(marked=())
    world.upsales.faults.append(UNANSWERED)
    with pytest.raises(NeedsReview, match="relay review adopt"):
        world.now(nameless())
    assert len(world.upsales.writes) == 1


def unanswered(world: World, upsert: Upsert, fault: Fault = UNANSWERED) -> Lane:
    """A lane whose create got no answer; its event waits."""
    world.upsales.faults.append(fault)
    lane = world.lane(upsert)
    with pytest.raises(OutcomeUnknown):
        world.attempt(lane)
    return lane


def test_that_nothing_is_marked_tells_nothing_of_a_create_that_carried_no_marker() -> None:
    """The account got the field afterwards."""
    world = World(marked=())
    unanswered(world, nameless())
    world.upsales.marked = RESOURCES
    world.clock.advance(3600)
    with pytest.raises(NeedsReview, match="relay review adopt"):
        world.now(nameless("Röda Hästen"))
    assert len(world.upsales.writes) == 1


def test_a_create_that_carried_no_marker_is_found_by_its_natural_key_where_there_are_markers_now() -> None:
    world = World(marked=())
    lane = unanswered(world, company())
    world.upsales.marked = RESOURCES
    world.deliver(lane)
    assert len(world.upsales.live("account")) == 1
    assert len(world.upsales.writes) == 1


def test_a_natural_key_that_the_create_did_not_carry_tells_nothing() -> None:
    """The record it was looked for by its number, and made without."""
    world = World(marked=())
    lane = unanswered(world, Upsert(key=COMPANY, match=(Match("orgNo", "599999-0046"),), set={"name": "Åkeri"}))
    with pytest.raises(NeedsReview, match="relay review adopt"):
        world.deliver(lane)
    assert len(world.upsales.writes) == 1


def test_that_nothing_is_marked_tells_nothing_where_the_field_is_gone_that_carried_the_marker() -> None:
    world = World()
    lane = unanswered(world, nameless())
    world.upsales.marked = ()
    with pytest.raises(NeedsReview, match="relay review adopt"):
        world.deliver(lane)
    assert len(world.upsales.writes) == 1


def test_the_marker_of_a_create_that_was_found_is_no_field_of_the_record() -> None:
    world = World()
    world.deliver(unanswered(world, company()))
    (record,) = world.store.records.values()
    assert set(record.fields) == {"name", "orgNo"}
    world.now(Upsert(key=COMPANY, set={"custom.NOTE": "Ö"}))
    (made,) = world.upsales.live("account").values()
    assert {"fieldId": CUSTOM_FIELDS["EXTERNAL_ID"], "value": marker("butik", COMPANY)} in made["custom"]


OURS = {"custom.EXTERNAL_ID": "kund 7"}
NUMBER = (Match("orgNo", "599999-0046"),)


@pytest.mark.parametrize("known", [True, False])
@pytest.mark.parametrize(
    "upsert",
    [
        Upsert(key=COMPANY, match=NUMBER, set=OURS),
        Upsert(key=COMPANY, match=NUMBER, on_create=OURS),
        Upsert(key=COMPANY, match=NUMBER, if_empty=OURS),
    ],
    ids=["set", "on_create", "if_empty"],
)
def test_a_plan_may_not_write_to_the_field_that_carries_the_marker(upsert: Upsert, *, known: bool) -> None:
    world = World()
    if known:
        world.now(company())
    calls = len(world.upsales.calls)
    with pytest.raises(Rejected, match=r"custom\.EXTERNAL_ID carries our own mark"):
        world.now(upsert)
    assert len(world.upsales.calls) == calls


def person(email: str, key: str = "1", **fields: str) -> Upsert:
    return Upsert(
        key=Key("contact", key), match=(Match("email", email),), set={"name": "Åsa", "email": email, **fields}
    )


@pytest.mark.parametrize("made", ["again", "by a person"])
def test_the_address_that_only_a_lost_create_carried_is_another_customers(made: str) -> None:
    """The next event changed it, and the record that there is now never had it."""
    world = World()
    lane = unanswered(world, person("åsa@öberg.se"), DROPPED)
    lane.waiting = [world.event(person("ny@öberg.se"))]
    if made == "by a person":
        world.upsales.made("contact", name="Åsa", email="ny@öberg.se")
    world.deliver(lane)
    world.now(person("åsa@öberg.se", "svar:7", name="Annan"), connection="formulär")
    assert sorted(found["email"] for found in world.upsales.live("contact").values()) == ["ny@öberg.se", "åsa@öberg.se"]


def overtaken(world: World, upsert: Upsert) -> Lane:
    """A lane that another worker claimed while the answer to its create came in; its event waits."""
    lane = world.lane(upsert)

    def claim() -> None:
        world.wire = None
        with pytest.raises(Busy):
            world.attempt(lane)

    world.wire = Tripwire(1, "before", claim, only={"created"})
    with pytest.raises(LeaseLost):
        world.attempt(lane)
    return lane


def test_an_answer_that_came_to_a_worker_who_was_overtaken_is_known_to_the_next_one() -> None:
    world = World(marked=())
    lane = overtaken(world, nameless())
    before = world.clock.now
    world.attempt(lane)
    (record_id,) = world.upsales.live("account")
    assert world.store.links["butik", COMPANY].record_id == record_id
    assert [call.method for call in world.upsales.calls] == ["POST", "GET"]
    assert world.clock.now == before
    world.settle()
    assert not world.store.duplicates


def test_of_a_record_that_is_gone_since_the_answer_the_next_worker_knows_that_it_was_made() -> None:
    world = World(marked=())
    lane = overtaken(world, nameless())
    world.upsales.deleted("account", next(iter(world.upsales.live("account"))))
    lane.waiting.append(world.event(nameless("Röda Hästen")))
    assert world.deliver(lane).deleted == [COMPANY]
    assert len([call for call in world.upsales.writes if call.method == "POST"]) == 1


def test_an_unanswered_create_is_looked_for_by_the_natural_keys_it_was_sent_with() -> None:
    """Meanwhile an event came in that changes them."""
    world = World(marked=())
    world.upsales.faults.append(UNANSWERED)
    lane = world.lane(company(org_no="599999-0046"))
    with pytest.raises(OutcomeUnknown):
        world.attempt(lane)
    other = world.upsales.made("account", name="Någon annan", orgNo="112233-4455")
    lane.waiting.append(world.event(company(org_no="112233-4455")))
    world.deliver(lane)
    (made,) = set(world.upsales.live("account")) - {other}
    assert world.upsales.live("account")[made]["orgNo"] == "112233-4455"
    assert world.upsales.live("account")[other]["name"] == "Någon annan"
    assert len(world.upsales.live("account")) == 2


def test_an_unanswered_create_holds_what_it_sent_so_that_nothing_is_sent_twice() -> None:
    world = World()
    world.upsales.faults.extend([None, UNANSWERED])
    world.now(company(), order())
    assert [call.method for call in world.upsales.writes] == ["POST", "POST"]


def test_a_create_that_got_lost_is_made_again_only_after_the_horizon() -> None:
    world = World()
    world.upsales.faults.append(DROPPED)
    lane = world.lane(company())
    with pytest.raises(OutcomeUnknown):
        world.attempt(lane)
    world.now(company(key=Key("account", "företag:2"), org_no="112233-4455"), subject="vittne")
    world.deliver(lane)
    first, again = (
        call.at
        for call in world.upsales.writes
        if call.body["name"] == "Åkeri & Söner" and "11" not in call.body["orgNo"][:2]
    )
    assert again - first >= world.timing.settled_after
    assert again - first < 1.2 * world.timing.settled_after
    assert len(world.upsales.live("account")) == 2


def test_absence_does_not_count_while_no_later_create_shows_in_search() -> None:
    """Then search may lag more than it usually does."""
    world = World()
    world.upsales.search_lag = 450.0
    world.upsales.faults.append(UNANSWERED)
    lane = world.lane(company())
    with pytest.raises(OutcomeUnknown):
        world.attempt(lane)
    world.now(company(key=Key("account", "företag:2"), org_no="112233-4455"), subject="vittne")
    world.deliver(lane)
    assert len(world.upsales.live("account")) == 2
    assert len(world.upsales.writes) == 2


def test_a_busy_account_has_its_witness_though_its_newest_record_never_shows_yet() -> None:
    world = World()
    world.upsales.faults.append(DROPPED)
    lane = world.lane(company())
    for number in range(2000):
        if not lane.waiting:
            break
        try:
            world.attempt(lane)
        except OutcomeUnknown:
            world.clock.advance(1.0)
        world.now(nameless_of(number), subject=f"vittne {number}")
    assert not lane.waiting
    assert world.clock.now < 1.2 * world.timing.settled_after


def nameless_of(number: int) -> Upsert:
    return Upsert(key=Key("contact", f"kontakt:{number}"), set={"name": f"Åsa {number}"})


def test_without_any_later_create_absence_counts_after_twice_the_horizon() -> None:
    world = World()
    world.upsales.faults.append(DROPPED)
    world.now(company())
    first, again = (call.at for call in world.upsales.writes)
    assert again - first >= 2 * world.timing.settled_after
    assert len(world.upsales.live("account")) == 1


def test_a_lost_create_is_looked_for_at_growing_distances() -> None:
    world = World()
    world.upsales.faults.append(DROPPED)
    world.now(company())
    assert len(world.upsales.reads) < 50


def test_a_record_that_shows_up_at_the_very_horizon_is_found_and_not_made_again() -> None:
    world = World()
    world.upsales.faults.append(Fault(Trouble.LATE, world.timing.settled_after - 1))
    lane = world.lane(company())
    with pytest.raises(OutcomeUnknown):
        world.attempt(lane)
    for number in range(400):
        world.now(nameless_of(number), subject=f"vittne {number}")
        try:
            world.attempt(lane)
        except OutcomeUnknown:
            world.clock.advance(1.0)
        if not lane.waiting:
            break
    assert len(world.upsales.live("account")) == 1


def test_of_a_lost_create_a_record_that_a_person_made_meanwhile_is_adopted_and_corrected() -> None:
    world = World()
    world.upsales.faults.append(DROPPED)
    lane = world.lane(company())
    with pytest.raises(OutcomeUnknown):
        world.attempt(lane)
    world.upsales.made("account", name="Aakeri", orgNo="5999990046")
    world.deliver(lane)
    (adopted,) = world.upsales.live("account").values()
    assert adopted["name"] == "Åkeri & Söner"


@pytest.mark.parametrize("marked", [True, False])
def test_two_keys_of_one_connection_with_one_natural_key_are_two_records_unless_it_is_shared(*, marked: bool) -> None:
    world = World() if marked else World(marked=())
    for number in (1, 2):
        email = Match("email", "info@öberg.se")
        name = f"Åsa {number}"
        world.now(
            Upsert(key=Key("contact", f"{number}"), match=(email,), set={"name": name, "email": email.value}),
            subject=name,
        )
    assert len(world.upsales.live("contact")) == 2
    for number in (1, 2):
        world.now(company(key=Key("account", f"{number}")), subject=f"företag {number}")
    assert len(world.upsales.live("account")) == 1


def test_two_connections_that_need_the_same_new_company_at_once_make_one() -> None:
    for at in range(1, 20):
        world = World()
        shop, form = world.lane(company()), world.lane(company(key=Key("account", "svar:9")), connection="formulär")

        def meanwhile(world: World = world, form: Lane = form) -> None:
            world.upsales.read_faults.clear()
            with suppress(Busy):
                world.attempt(form)

        world.wire = Tripwire(at, "after", meanwhile)
        world.deliver_all([shop, form])
        assert len(world.upsales.live("account")) == 1, at


def test_two_keys_of_one_connection_that_find_the_same_record_at_once_do_not_both_take_it() -> None:
    for at in range(1, 20):
        world = World()
        world.upsales.made("contact", name="Åsa", email="åsa@öberg.se")
        world.clock.advance(10)
        lanes = [
            world.lane(
                Upsert(
                    key=Key("contact", f"{number}"),
                    match=(Match("email", "åsa@öberg.se"),),
                    set={"email": "åsa@öberg.se", "title": f"{number}"},
                ),
                subject=f"{number}",
            )
            for number in (1, 2)
        ]

        def meanwhile(world: World = world, lane: Lane = lanes[1]) -> None:
            with suppress(Busy):
                world.attempt(lane)

        world.wire = Tripwire(at, "after", meanwhile)
        world.deliver_all(lanes)
        assert sorted(found["title"] for found in world.upsales.live("contact").values()) == ["1", "2"], at


def test_a_throttled_create_costs_nothing_and_is_made_when_the_window_opens() -> None:
    world = World()
    world.upsales.faults.append(Fault(Trouble.THROTTLED))
    world.now(company())
    assert world.clock.now >= 10
    assert len(world.upsales.live("account")) == 1


def test_a_create_that_must_not_be_made_is_left() -> None:
    world = World()
    result = world.now(Upsert(key=COMPANY, match=(Match("orgNo", "1"),), set={"name": "Å"}, create=False))
    assert not result.effective
    assert not world.upsales.writes


def test_names_that_are_looked_up_by_a_custom_field_are_found_and_known() -> None:
    world = World()
    number = Match("custom.NOTE", "kund 7")
    found = world.upsales.made("account", name="Åkeri", custom=[{"fieldId": CUSTOM_FIELDS["NOTE"], "value": "kund 7"}])
    world.clock.advance(10)
    world.now(Upsert(key=COMPANY, match=(number,), set={"name": "Åkeriet"}))
    assert list(world.upsales.live("account")) == [found]
    world.clock.advance(10)
    world.now(Upsert(key=Key("account", "2"), match=(number,), set={"name": "Åkeriet"}), connection="formulär")
    assert list(world.upsales.live("account")) == [found]
    assert [call.method for call in world.upsales.reads] == ["SEARCH", "GET"]


def test_a_lost_create_is_not_looked_for_before_search_can_show_it() -> None:
    world = World(call_timeout=1.0)
    world.upsales.faults.append(UNANSWERED)
    lane = world.lane(company())
    with pytest.raises(OutcomeUnknown):
        world.attempt(lane)
    reads = len(world.upsales.reads)
    with pytest.raises(OutcomeUnknown) as raised:
        world.attempt(lane)
    assert raised.value.seconds == pytest.approx(world.timing.search_lag - 1.0)
    assert len(world.upsales.reads) == reads


def test_absence_counts_only_when_search_must_show_what_committed_at_the_horizon() -> None:
    """A worker may look at any time: a new event of the lane wakes one."""
    world = World()
    world.upsales.faults.append(Fault(Trouble.LATE, world.timing.settled_after - 1))
    lane = world.lane(order_of_its_own())
    with pytest.raises(OutcomeUnknown):
        world.attempt(lane)
    world.now(company(), subject="vittne")
    while lane.waiting:
        try:
            world.attempt(lane)
        except OutcomeUnknown:
            world.clock.advance(1.0)
    world.settle()
    assert len(world.upsales.live("order")) == 1
    assert not world.store.duplicates


def order_of_its_own() -> Upsert:
    return Upsert(key=ORDER, set={"description": "Ö"})


@pytest.mark.parametrize("seen", [True, False])
def test_a_witness_that_a_person_deleted_holds_nobody_up(*, seen: bool) -> None:
    world = World()
    world.upsales.faults.append(DROPPED)
    lane = world.lane(order_of_its_own())
    with pytest.raises(OutcomeUnknown):
        world.attempt(lane)
    world.now(company(), subject="vittne")
    if seen:
        world.clock.advance(60)
    world.upsales.deleted("account", next(iter(world.upsales.live("account"))))
    world.deliver(lane)
    first, again = (call.at for call in world.upsales.writes if call.resource == "order")
    assert 2 * world.timing.settled_after <= again - first < 3 * world.timing.settled_after
