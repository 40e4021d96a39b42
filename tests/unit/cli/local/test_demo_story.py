"""The demo's story: what four systems send about one customer."""

from __future__ import annotations

from worker.cli.local.demo_story import COMPANY, EMAIL, order_step, shop_order, story
from worker.devkit.cases import outcomes
from worker.sdk.read import read


def test_each_webhook_has_a_plan_and_is_about_the_same_person() -> None:
    told = story()
    for step in told.steps:
        plans = outcomes(told.connection(step.connection).connector, step.case)
        assert [plan.get("plan") is not None for plan in plans] == [True], step.says
        assert EMAIL in str(plans), step.says


def test_the_systems_spell_the_company_in_their_own_ways() -> None:
    names = {step.told.company for step in story().steps}
    assert len({name.casefold().removesuffix(" ab").removesuffix(" aktiebolag") for name in names}) == 1
    assert COMPANY in names
    assert len(names) == 3
    for step in story().steps:
        assert step.told.company in step.case.request.body.decode()


def test_a_payment_is_another_event_about_the_same_order() -> None:
    told = story()
    shop = told.connection("shop").connector
    (made,), (paid,), (other,) = (
        read(shop, case.request) for case in (shop_order("7"), shop_order("7", paid=True), shop_order("8"))
    )
    assert made.subject == paid.subject != other.subject
    assert len({made.id, paid.id, other.id}) == 3
    assert made.time is not None
    assert paid.time is not None
    assert made.time < paid.time


def test_connections_share_an_account_and_no_key() -> None:
    connections = story().connections
    assert {each.account for each in connections} == {2}
    assert len({each.api_key for each in connections}) == len(connections) == 4
    assert order_step("9", "x").connection in {each.connection for each in connections}
