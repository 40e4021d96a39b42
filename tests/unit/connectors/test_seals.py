"""Scrive seals a document a second time, weeks later: that says nothing new."""

from __future__ import annotations

from tests.connectors.catalogue import SUBJECTS, Filed
from worker.plan import Plan


def case(name: str) -> Filed:
    return next(
        filed
        for subject in SUBJECTS
        if subject.connector.name == "scrive"
        for filed in subject.cases
        if filed.name == name
    )


def plan_of(filed: Filed) -> Plan:
    ((_, event),) = filed.events
    plan = filed.usual(event)
    assert isinstance(plan, tuple)
    return plan


def test_second_seal_is_another_event_with_the_same_plan() -> None:
    first, again = case("sealed"), case("sealed_again")

    assert [event.id for _, event in first.events] != [event.id for _, event in again.events]
    assert [event.subject for _, event in first.events] == [event.subject for _, event in again.events]
    assert plan_of(first) == plan_of(again)
