"""Plans of one claim: executed as one, and each alone where that is refused."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime

import pytest

from worker.delivery.batch import Executed, execute_together
from worker.errors import Failure, NeedsReview, Refused, Rejected, Throttled, Unavailable
from worker.plan import Key, QualifiedKey, Upsert
from worker.store.events.outcomes import Outcome
from worker.sync.fold import Planned
from worker.sync.result import Result

NOON = datetime(2026, 11, 2, 12, tzinfo=UTC)
KEY = Key("account", "Åkeri")
ASKED = QualifiedKey.of("butik", KEY)
PLANS = [
    Planned(event=event, time=NOON, seq=number, connection="butik", plan=(Upsert(key=KEY, set={}),))
    for number, event in enumerate("abc")
]
THROTTLED = Throttled("fullt", seconds=3)
NOTHING_LEFT = "nothing of it was left to write"


@dataclass
class Upsales:
    """Fails the events in `fails`, and with them whatever they are executed together with."""

    fails: dict[str, Failure] = field(default_factory=dict)
    result: Result = field(default_factory=Result)
    executed: list[str] = field(default_factory=list)

    def __call__(self, plans: Sequence[Planned]) -> Result:
        self.executed.append("".join(each.event for each in plans))
        for each in plans:
            if each.event in self.fails:
                raise self.fails[each.event]
        return self.result


def test_all_are_executed_as_one_and_end_by_what_they_decided() -> None:
    upsales = Upsales(result=Result(effective={"b"}))
    done = execute_together(PLANS, upsales)
    assert upsales.executed == ["abc"]
    assert done == Executed(
        [Outcome("a", "superseded", NOTHING_LEFT), Outcome("b", "delivered"), Outcome("c", "superseded", NOTHING_LEFT)]
    )


def test_what_a_person_deleted_is_ignored_by_name() -> None:
    done = execute_together(PLANS[:1], Upsales(result=Result(deleted=[KEY])))
    assert done == Executed([Outcome("a", "ignored", "its record was deleted in Upsales by a person")])


ORDER = Key("order", "o:1")


def of(*upserts: Upsert) -> list[Planned]:
    return [Planned(event="a", time=NOON, seq=0, connection="butik", plan=upserts)]


def test_an_event_that_found_one_of_its_records_deleted_is_not_superseded() -> None:
    """The company stands as it was told, and the order is gone."""
    done = execute_together(of(Upsert(key=KEY), Upsert(key=ORDER)), Upsales(result=Result(deleted=[ORDER])))
    assert done == Executed([Outcome("a", "ignored", "deleted in Upsales by a person: order 'o:1'")])


def test_an_event_without_its_record_is_not_superseded() -> None:
    plans = of(Upsert(key=KEY), Upsert(key=ORDER, create=False))
    done = execute_together(plans, Upsales(result=Result(absent={ORDER}, deleted=[KEY])))
    reason = "not in Upsales: order 'o:1'; deleted in Upsales by a person: account 'Åkeri'"
    assert done == Executed([Outcome("a", "ignored", reason)])


def test_what_was_written_without_a_deleted_record_says_so() -> None:
    result = Result(effective={"a"}, deleted=[ORDER])
    done = execute_together(of(Upsert(key=KEY), Upsert(key=ORDER)), Upsales(result=result))
    assert done == Executed([Outcome("a", "delivered", "written without order 'o:1', deleted in Upsales by a person")])


@pytest.mark.parametrize(
    ("effective", "status", "before"),
    [({"a"}, "delivered", ""), (set(), "superseded", f"{NOTHING_LEFT}; ")],
    ids=["delivered", "superseded"],
)
def test_what_is_left_out_is_named(effective: set[str], status: str, before: str) -> None:
    """By the mapping on purpose, or because it fits no custom field."""
    plans = of(Upsert(key=KEY, left_out=("no room for the tip",)), Upsert(key=ORDER, left_out=("no room for the tip",)))
    result = Result(effective=effective, misfits={"a": ("Not kept: DAG 'i vår' (a date field)",), "b": ("-",)})
    (outcome,) = execute_together(plans, Upsales(result=result)).outcomes
    assert (outcome.status, outcome.reason) == (
        status,
        f"{before}no room for the tip; Not kept: DAG 'i vår' (a date field)",
    )


@pytest.mark.parametrize(
    ("failure", "status"),
    [
        (Rejected("så går det inte"), "dead"),
        (Refused("så går det inte"), "dead"),
        (NeedsReview("så går det inte", key=ASKED, candidates=(4, 7)), "review"),
    ],
    ids=["rejected", "refused", "review"],
)
def test_a_bad_event_does_not_bury_its_neighbours(failure: Failure, status: str) -> None:
    upsales = Upsales({"b": failure}, Result(effective={"a", "c"}))
    done = execute_together(PLANS, upsales)
    assert upsales.executed == ["abc", "a", "b", "c"]
    assert [(each.event, each.status, each.reason) for each in done.outcomes] == [
        ("a", "delivered", None),
        ("b", status, "så går det inte"),
        ("c", "delivered", None),
    ]
    if isinstance(failure, NeedsReview):
        assert (done.outcomes[1].key, done.outcomes[1].candidates) == (ASKED, (4, 7))
    assert (done.failure, done.left) == (None, ())


def test_one_that_is_alone_is_not_tried_twice() -> None:
    upsales = Upsales({"a": Refused("nej")})
    assert execute_together(PLANS[:1], upsales) == Executed([Outcome("a", "dead", "nej")])
    assert upsales.executed == ["a"]


@pytest.mark.parametrize("failure", [THROTTLED, Unavailable("borta")], ids=["throttled", "unavailable"])
def test_what_is_no_events_fault_ends_none(failure: Failure) -> None:
    done = execute_together(PLANS, Upsales({"b": failure}))
    assert done == Executed(failure=failure, left=PLANS)


def test_cut_short_one_by_one_what_ended_stays_ended_and_the_rest_is_left() -> None:
    """Refused together because of the first; Upsales is away when the second is tried."""
    upsales = Upsales({"a": Rejected("fel"), "b": THROTTLED})
    done = execute_together(PLANS, upsales)
    assert upsales.executed == ["abc", "a", "b"]
    assert done.outcomes == [Outcome("a", "dead", "fel")]
    assert (done.failure, done.left) == (THROTTLED, PLANS[1:])
