"""Wherever a worker dies, and whatever its writes were answered: run again, the world ends as if nothing had happened."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal
from functools import cached_property
from typing import TypeAlias

import pytest

from tests.fakes import Crash, Fault, Lane, Tripwire, Trouble, World
from tests.fakes.breaking import EFFECTS, Moment
from tests.fakes.senders import FALLBACK, buyer, member, response, sale
from tests.fakes.snapshot import Snapshot
from tests.fakes.upsales import CUSTOM_FIELDS
from tests.fakes.world import LEASE
from worker.errors import OutcomeUnknown
from worker.plan import OPT_OUT, Content, IfKnown, Key, Match, Plan, Product, Row, Stage, Upsert, User, Value
from worker.sdk.mapping import Person
from worker.sync.matching import Matching
from worker.sync.ports import Crm, Ledger

COMPANY = Key("account", "företag:1")
PERSON = Key("contact", "kund:Åsa")
ORDER = Key("order", "order:1")
FILE = Key("file", "order:1:signed")
ORG_NO = Match("orgNo", "599999-0046", shared=True)
EMAIL = Match("email", "åsa@öberg.se")
CONSUMER = "åsa@gmail.com"

Story: TypeAlias = Callable[[World], list[Lane]]
"""What was before, and the lanes that are run."""


def company(
    key: Key = COMPANY,
    match: tuple[Match, ...] = (ORG_NO,),
    custom: Mapping[str, Value] | None = None,
    **fields: Value,
) -> Upsert:
    ours = {f"custom.{alias}": value for alias, value in (custom or {}).items()}
    return Upsert(key=key, match=match, set={"orgNo": ORG_NO.value, **fields, **ours})


def person(**fields: Value) -> Upsert:
    return Upsert(key=PERSON, match=(EMAIL,), set={"email": EMAIL.value, "client": COMPANY, **fields})


def rows(*lines: tuple[str, int]) -> tuple[Row, ...]:
    return tuple(Row(key, Product("A-1"), Decimal(2), Decimal(price)) for key, price in lines)


def order(*lines: tuple[str, int], **fields: Value) -> Upsert:
    links: dict[str, Value] = {"client": COMPANY, "contact": PERSON, "stage": Stage("Vunnen")}
    return Upsert(
        key=ORDER,
        set={**links, "orderRow": rows(*lines or (("a", 100),)), **fields},
        on_create={"user": User("säljare@öberg.se"), "description": "Beställning"},
    )


def lane(world: World, *events: tuple[Upsert, ...], connection: str = "butik", subject: str = "kund:Åsa") -> Lane:
    return Lane(connection, subject, [world.event(*upserts, connection=connection) for upserts in events])


def a_company_is_made(world: World) -> list[Lane]:
    return [lane(world, (company(name="Åkeri"),))]


def an_order_with_its_company_and_contact_is_made(world: World) -> list[Lane]:
    return [lane(world, (order(), person(name="Åsa"), company(name="Åkeri")))]


def three_events_of_a_customer_are_one_create(world: World) -> list[Lane]:
    return [
        lane(
            world,
            (company(name="Åkeri"), person(name="Åsa")),
            (person(name="Åsa Ö", title="VD"),),
            (company(phone="08-1"), person(title=None)),
        )
    ]


def updates_come_before_the_create(world: World) -> list[Lane]:
    early = Upsert(key=COMPANY, match=(ORG_NO,), set={"notes": "återbetald", "name": "X"}, create=False)
    made = Upsert(key=COMPANY, match=(ORG_NO,), set={"name": "Åkeri"}, if_empty={"notes": "ny"}, on_create={"fax": "1"})
    return [lane(world, (early,), (made,), (early,))]


def a_company_that_people_made_is_adopted(world: World) -> list[Lane]:
    world.upsales.made("account", name="Aakeri", orgNo="5999990046", phone="08-9")
    world.clock.advance(60)
    filled = Upsert(key=COMPANY, match=(ORG_NO,), set={"name": "Åkeri"}, if_empty={"phone": "1", "webpage": "ö.se"})
    return [lane(world, (filled, person(name="Åsa")), (company(notes="hej"),))]


def a_company_known_to_another_connection_is_adopted(world: World) -> list[Lane]:
    world.now(company(Key("account", "svar:1"), name="Åkeri", phone="08-1"), connection="formulär")
    world.clock.advance(60)
    return [lane(world, (company(name="Åkeri AB"), person(name="Åsa")))]


def a_customer_is_updated(world: World) -> list[Lane]:
    world.now(company(name="Åkeri"), person(name="Åsa"))
    return [lane(world, (company(name="Åkeri AB"), person(name="Åsa Ö")), (company(phone="08-1"),))]


def an_older_snapshot_arrives_late(world: World) -> list[Lane]:
    world.deliver(Lane(waiting=[world.event(company(name="Nyast", phone="08-2"), minute=60)]))
    return [lane(world, (company(name="Gammal", phone="08-1", webpage="öberg.se"),))]


def an_address_changes(world: World) -> list[Lane]:
    world.now(company(name="Åkeri"), person(name="Åsa"))
    new = Upsert(key=PERSON, match=(Match("email", "ny@öberg.se"),), set={"email": "ny@öberg.se"})
    other = Upsert(key=Key("contact", "kund:Bo"), match=(EMAIL,), set={"email": EMAIL.value, "name": "Annan"})
    return [lane(world, (new,), (other,))]


def custom_fields_change_beside_those_of_others(world: World) -> list[Lane]:
    world.now(company(name="Åkeri", custom={"NOTE": "1", "VIP": False}))
    (record_id,) = world.upsales.live("account")
    world.upsales.edited_custom("account", record_id, FOREIGN="en persons")
    return [lane(world, (company(custom={"NOTE": "2"}),), (company(custom={"SCORE": 5, "VIP": True}),))]


def order_rows_change_beside_those_of_others(world: World) -> list[Lane]:
    world.now(company(name="Åkeri"), person(name="Åsa"), order(("a", 100), ("b", 200)))
    (order_id,) = world.upsales.live("order")
    foreign = {"product": {"id": 502}, "quantity": 1, "price": 7, "listPrice": 7}
    mine = world.upsales.live("order")[order_id]["orderRow"]
    world.upsales.edited("order", order_id, orderRow=[*mine, foreign])
    return [lane(world, (order(("a", 150), ("c", 300)),), (order(("a", 150), ("c", 350), notes="Ö"),))]


def a_merged_company_is_found_by_its_marker(world: World) -> list[Lane]:
    world.now(company(name="Åkeri"), person(name="Åsa"))
    winner = world.upsales.made("account", name="Åkeriet")
    loser = min(world.upsales.live("account"))
    world.upsales.merged("account", loser, winner)
    world.clock.advance(60)
    return [lane(world, (company(name="Åkeri AB"), person(name="Åsa"), order()))]


def a_merged_company_is_found_by_its_number(world: World) -> list[Lane]:
    world.upsales.marked = ()
    (waiting,) = a_merged_company_is_found_by_its_marker(world)
    waiting.waiting = [world.event(company(name="Åkeri & Söner"), person(name="Åsa"))]
    return [waiting]


def a_merged_company_is_found_for_another_connection_too(world: World) -> list[Lane]:
    world.now(company(name="Åkeri"))
    world.clock.advance(60)
    by_name = Upsert(key=Key("account", "svar:1"), match=(Match("name", "Åkeri", shared=True),), set={"phone": "08-1"})
    world.now(by_name, connection="formulär", subject="svar:1")
    winner = world.upsales.made("account", name="Åkeriet", orgNo=ORG_NO.value)
    world.clock.advance(60)
    world.upsales.merged("account", min(world.upsales.live("account")), winner)
    world.clock.advance(60)
    return [lane(world, (company(name="Åkeri AB"),), (company(notes="ny"),))]


def a_company_that_people_deleted_stays_deleted(world: World) -> list[Lane]:
    world.now(company(name="Åkeri"))
    world.clock.advance(60)
    world.upsales.deleted("account", min(world.upsales.live("account")))
    return [lane(world, (company(name="Åkeri AB"),), (company(phone="08-1"),))]


def a_company_that_people_deleted_is_made_again(world: World) -> list[Lane]:
    world.recreate_deleted = True
    return a_company_that_people_deleted_stays_deleted(world)


def an_order_is_refused_because_its_contact_is_gone(world: World) -> list[Lane]:
    world.recreate_deleted = True
    world.now(company(name="Åkeri"), person(name="Åsa"))
    world.clock.advance(60)
    world.upsales.deleted("contact", min(world.upsales.live("contact")))
    world.clock.advance(60)
    return [lane(world, (company(name="Åkeri"), person(name="Åsa"), order()))]


def note() -> Upsert:
    """It names whom it can."""
    links: dict[str, Value] = {"client": IfKnown(COMPANY), "contact": IfKnown(PERSON)}
    return Upsert(key=Key("activity", "återköp:1"), on_create={"description": "Återköp", **links})


def a_note_names_the_company_and_not_the_person_who_is_not_there(world: World) -> list[Lane]:
    return [lane(world, (note(), company(name="Åkeri")))]


def a_note_is_refused_because_the_person_it_names_is_gone(world: World) -> list[Lane]:
    world.now(company(name="Åkeri"), person(name="Åsa"))
    world.clock.advance(60)
    world.upsales.deleted("contact", min(world.upsales.live("contact")))
    world.clock.advance(60)
    return [lane(world, (company(name="Åkeri"), note()))]


def two_lanes_share_a_company(world: World) -> list[Lane]:
    other = Upsert(key=Key("contact", "kund:Bo"), set={"name": "Bo", "client": COMPANY})
    return [
        lane(world, (company(name="Åkeri"), person(name="Åsa"))),
        lane(world, (company(name="Åkeri", phone="08-1"), other), subject="kund:Bo"),
    ]


def two_connections_share_a_company(world: World) -> list[Lane]:
    other = company(Key("account", "svar:1"), name="Åkeri AB", phone="08-1")
    return [
        lane(world, (company(name="Åkeri"), person(name="Åsa"))),
        lane(world, (other,), connection="formulär", subject="svar:1"),
    ]


def a_create_gets_no_answer(world: World) -> list[Lane]:
    world.upsales.faults.append(Fault(Trouble.UNANSWERED))
    return an_order_with_its_company_and_contact_is_made(world)


def a_create_gets_no_answer_where_there_are_no_markers(world: World) -> list[Lane]:
    world.upsales.marked = ()
    world.upsales.faults.append(Fault(Trouble.UNANSWERED))
    return [lane(world, (company(name="Åkeri"), person(name="Åsa")))]


def an_update_gets_no_answer_and_its_field_changes_again(world: World) -> list[Lane]:
    world.now(company(name="Åkeri", custom={"NOTE": "1"}))
    world.upsales.faults.append(Fault(Trouble.LATE, seconds=50))
    return [lane(world, (company(name="A", custom={"NOTE": "2"}),)), lane(world, (company(name="B"),), subject="sen")]


def an_event_dies_over_its_create(world: World, fault: Fault) -> list[Lane]:
    """Another connection means the same company."""
    world.upsales.faults.append(fault)
    dying = lane(world, (company(name="Åkeri", phone="08-1"),))
    with suppress(OutcomeUnknown):
        world.attempt(dying)
    world.end(dying, "dead")
    other = company(Key("account", "svar:1"), name="Åkeri AB")
    return [lane(world, (other,), connection="formulär", subject="svar:1")]


def an_event_dies_over_a_create_that_was_made(world: World) -> list[Lane]:
    return an_event_dies_over_its_create(world, Fault(Trouble.UNANSWERED))


def an_event_dies_over_a_create_that_was_not_made(world: World) -> list[Lane]:
    return an_event_dies_over_its_create(world, Fault(Trouble.DROPPED))


def an_event_dies_over_a_create_where_there_are_no_markers(world: World) -> list[Lane]:
    world.upsales.marked = ()
    return an_event_dies_over_a_create_that_was_made(world)


def a_subscription_changes_in_two_lanes(world: World) -> list[Lane]:
    def subscription(**fields: Value) -> Upsert:
        return Upsert(key=Key("agreement", "abonnemang:1"), set=fields)

    world.now(subscription(description="Avtal", notes="1", orderRow=rows(("a", 100))))
    return [
        lane(world, (subscription(notes="2"),), (subscription(description="Årsavtal"),)),
        lane(world, (subscription(orderRow=rows(("a", 150), ("b", 200))),), subject="faktura:1"),
    ]


def a_person_edits_an_order_whose_update_got_no_answer(world: World) -> list[Lane]:
    world.now(company(name="Åkeri"), person(name="Åsa"), order(("a", 100)))
    world.upsales.faults.append(Fault(Trouble.UNANSWERED))
    waiting = lane(world, (order(("a", 100), ("b", 200), notes="Ö"),))
    with suppress(OutcomeUnknown):
        world.attempt(waiting)
    world.upsales.edited("order", min(world.upsales.live("order")), notes="en persons")
    return [waiting]


def a_person_fills_in_what_the_sender_emptied(world: World) -> list[Lane]:
    world.now(company(name="Åkeri", phone=None, webpage=None))
    world.upsales.edited("account", min(world.upsales.live("account")), phone="08-9")
    filled = Upsert(key=COMPANY, match=(ORG_NO,), if_empty={"phone": "1", "webpage": "ö.se"})
    return [lane(world, (filled,), (company(phone=None, notes="hej"),), (filled,))]


def somebody_opts_out_and_subscribes_again(world: World) -> list[Lane]:
    out: dict[str, Value] = {OPT_OUT: datetime(2026, 11, 23, tzinfo=UTC)}
    told = person(name="Åsa", **out)
    return [lane(world, (company(name="Åkeri"), replace(told, final=True)), (person(name="Åsa Ö"),))]


def a_person_opts_somebody_in_who_opts_out_anew(world: World) -> list[Lane]:
    def out(day: int) -> Upsert:
        return Upsert(key=PERSON, set={OPT_OUT: datetime(2026, 11, day, tzinfo=UTC)}, final=True, create=False)

    world.now(company(name="Åkeri"), person(name="Åsa"), out(1))
    world.upsales.edited("contact", min(world.upsales.live("contact")), unsubscribed=None)
    return [lane(world, (out(2),))]


def a_key_in_a_custom_field(world: World) -> list[Lane]:
    number = Match("custom.NOTE", "kund 7")
    value = [{"fieldId": CUSTOM_FIELDS["NOTE"], "value": "kund 7"}]
    world.upsales.made("account", name="Aakeri", custom=value)
    world.clock.advance(60)
    return [lane(world, (Upsert(key=COMPANY, match=(number,), set={"name": "Åkeri", "custom.SCORE": 5}),))]


def contract() -> Plan:
    """What is signed: an order, and the file that belongs to it."""
    made: dict[str, Value] = {"name": "Avtal Ö.pdf", "content": Content("01", "ab" * 32, "application/pdf", 9)}
    file = Upsert(key=FILE, set={"entity": "Order", "entityId": ORDER, "client": COMPANY}, on_create=made)
    return (company(name="Åkeri"), person(name="Åsa"), order(), file)


def a_file_is_attached(world: World) -> list[Lane]:
    world.upsales.marked = {"account", "contact", "order"}
    return [lane(world, contract(), contract())]


def told_by(world: World, connection: str, subject: str, *plans: Plan) -> Lane:
    return lane(world, *plans, connection=connection, subject=subject)


def takes_in(world: World) -> World:
    world.matching = Matching(fallbacks=frozenset({FALLBACK.casefold()}))
    return world


def a_form_makes_a_company_of_its_mail_domain(world: World) -> list[Lane]:
    return [told_by(world, "formulär", "svar:1", response("1", Person(email="åsa@öberg.se", name="Åsa Öberg")))]


def a_form_of_somebody_without_company_is_taken_in(world: World) -> list[Lane]:
    asa = Person(email=CONSUMER, name="Åsa Öberg")
    return [told_by(takes_in(world), "formulär", "svar:1", response("1", asa), response("2", asa))]


def a_form_finds_somebody_where_another_connection_took_them_in(world: World) -> list[Lane]:
    world.matching = Matching(fallbacks=frozenset({FALLBACK.casefold(), "leads"}))
    asa = Person(email=CONSUMER, name="Åsa Öberg")
    world.now(*response("1", asa, fallback="Leads"), connection="enkät")
    world.clock.advance(60)
    return [told_by(world, "formulär", "svar:1", response("1", asa))]


def a_colleague_fills_in_a_form(world: World) -> list[Lane]:
    world.upsales.own_domains = {"öberg.se"}
    return a_form_makes_a_company_of_its_mail_domain(takes_in(world))


def a_consumer_who_was_taken_in_buys(world: World) -> list[Lane]:
    takes_in(world).now(*response("1", Person(email=CONSUMER, name="Åsa Öberg")), connection="formulär")
    world.clock.advance(60)
    return [told_by(world, "butik", "order:1", sale("1", buyer(CONSUMER, number="7")))]


def a_consumer_buys_for_a_company(world: World) -> list[Lane]:
    world.now(*sale("1", buyer(CONSUMER, number="7")))
    world.clock.advance(60)
    named = sale("2", buyer(CONSUMER, number="7", company="Öbergs Åkeri AB", org_number=ORG_NO.value))
    return [told_by(world, "butik", "order:2", named)]


def a_crm_tells_of_a_consumer_after_the_shop(world: World) -> list[Lane]:
    world.now(*sale("1", buyer(CONSUMER, number="7")))
    crm = told_by(world, "crm", "1", tuple(member("1", "Öbergs Åkeri AB", CONSUMER, org_number=ORG_NO.value)))
    world.deliver(crm)
    world.clock.advance(60)
    return [told_by(world, "butik", "order:2", sale("2", buyer(CONSUMER, number="7")))]


def a_person_moved_a_consumer_who_buys_again(world: World) -> list[Lane]:
    world.now(*sale("1", buyer(CONSUMER, number="7")))
    there = world.upsales.made("account", name="Öbergs Åkeri AB")
    world.upsales.edited("contact", min(world.upsales.live("contact")), client={"id": there})
    world.clock.advance(60)
    return [told_by(world, "butik", "order:2", sale("2", buyer(CONSUMER, number="7")))]


def a_company_without_number_is_given_one(world: World) -> list[Lane]:
    world.upsales.made("account", name="Öbergs Åkeri AB")
    world.clock.advance(60)
    return [told_by(world, "crm", "1", tuple(member("1", "Öbergs Åkeri AB", CONSUMER, org_number=ORG_NO.value)))]


def two_connections_tell_of_one_consumer(world: World) -> list[Lane]:
    return [
        told_by(takes_in(world), "butik", "order:1", sale("1", buyer(CONSUMER, number="7"))),
        told_by(world, "outlet", "order:1", sale("1", buyer(CONSUMER))),
    ]


STORIES: tuple[Story, ...] = (
    a_form_makes_a_company_of_its_mail_domain,
    a_form_of_somebody_without_company_is_taken_in,
    a_form_finds_somebody_where_another_connection_took_them_in,
    a_colleague_fills_in_a_form,
    a_consumer_who_was_taken_in_buys,
    a_consumer_buys_for_a_company,
    a_crm_tells_of_a_consumer_after_the_shop,
    a_person_moved_a_consumer_who_buys_again,
    a_company_without_number_is_given_one,
    two_connections_tell_of_one_consumer,
    a_company_is_made,
    an_order_with_its_company_and_contact_is_made,
    three_events_of_a_customer_are_one_create,
    updates_come_before_the_create,
    a_company_that_people_made_is_adopted,
    a_company_known_to_another_connection_is_adopted,
    a_customer_is_updated,
    an_older_snapshot_arrives_late,
    an_address_changes,
    custom_fields_change_beside_those_of_others,
    order_rows_change_beside_those_of_others,
    a_merged_company_is_found_by_its_marker,
    a_merged_company_is_found_by_its_number,
    a_merged_company_is_found_for_another_connection_too,
    a_company_that_people_deleted_stays_deleted,
    a_company_that_people_deleted_is_made_again,
    an_order_is_refused_because_its_contact_is_gone,
    a_note_names_the_company_and_not_the_person_who_is_not_there,
    a_note_is_refused_because_the_person_it_names_is_gone,
    two_lanes_share_a_company,
    two_connections_share_a_company,
    a_create_gets_no_answer,
    a_create_gets_no_answer_where_there_are_no_markers,
    an_update_gets_no_answer_and_its_field_changes_again,
    an_event_dies_over_a_create_that_was_made,
    an_event_dies_over_a_create_that_was_not_made,
    an_event_dies_over_a_create_where_there_are_no_markers,
    a_subscription_changes_in_two_lanes,
    a_person_edits_an_order_whose_update_got_no_answer,
    a_person_fills_in_what_the_sender_emptied,
    somebody_opts_out_and_subscribes_again,
    a_person_opts_somebody_in_who_opts_out_anew,
    a_key_in_a_custom_field,
    a_file_is_attached,
)
NO_ANSWER = (Fault(Trouble.DROPPED), Fault(Trouble.UNANSWERED), Fault(Trouble.LATE, seconds=50))


class Run:
    """A story told once; the worker dies at the `at`-th call, and the `write`-th write befalls a `fault`."""

    def __init__(
        self,
        story: Story,
        at: int | None = None,
        moment: Moment = "after",
        write: int = 0,
        fault: Fault | None = None,
    ) -> None:
        self.story, self.write, self.fault = story, write, fault
        self.world = World(settled_after=60.0)
        self.lanes = story(self.world)
        self.wire = Tripwire(at, moment, only=None if fault is None else EFFECTS)
        self.writes_before = len(self.world.upsales.writes)
        if fault is not None:
            self.world.upsales.faults.extend([None] * (write - len(self.world.upsales.faults)) + [fault])
        self.world.wire = self.wire
        try:
            self.work()
        except Crash:
            self.world.wire = None
            self.world.clock.advance(LEASE)
            self.work()

    def work(self) -> None:
        self.world.deliver_all(self.lanes)
        self.world.settle()

    @property
    def writes(self) -> list[str]:
        return [call.method for call in self.world.upsales.writes[self.writes_before :]]

    @cached_property
    def end(self) -> tuple[Snapshot, set[str]]:
        return self.world.snapshot(), self.world.effective


def test_every_effect_that_a_worker_may_die_after_is_a_call_of_a_port() -> None:
    assert {*vars(Crm), *vars(Ledger)} >= EFFECTS


def crashes(told: Run) -> Iterator[tuple[str, Run]]:
    """What was told to its end, broken off at each of its calls."""
    for at, name in enumerate(told.wire.calls, start=1):
        where = f"{told.fault} at write {told.write}, died after call {at}, {name}"
        yield where, Run(told.story, at, write=told.write, fault=told.fault)


@pytest.mark.parametrize("story", STORIES, ids=lambda story: story.__name__)
def test_a_worker_that_dies_anywhere_leaves_nothing_that_another_does_not_mend(
    story: Story, tally: Callable[[str, int], None]
) -> None:
    undisturbed = Run(story)
    assert not undisturbed.end[0].unsettled
    points = 0
    for where, run in crashes(undisturbed):
        assert run.end == undisturbed.end, where
        points += 1
    tally("places where a worker died", points + 1)
    assert Run(story, 1, "before").end == undisturbed.end


@pytest.mark.parametrize("story", STORIES, ids=lambda story: story.__name__)
def test_a_worker_that_dies_anywhere_around_a_write_without_an_answer_leaves_nothing_either(
    story: Story, tally: Callable[[str, int], None]
) -> None:
    undisturbed = Run(story)
    points = 0
    for write, method in enumerate(undisturbed.writes):
        for fault in NO_ANSWER:
            told = Run(story, write=write, fault=fault)
            assert told.end == undisturbed.end, (fault, write)
            if (method, fault.trouble) == ("POST", Trouble.LATE):
                # Once it is there, nobody can tell when it was made.
                continue
            for where, run in crashes(told):
                assert run.end == undisturbed.end, where
                points += 1
    tally("places where a worker died, with a write that had no answer", points)
