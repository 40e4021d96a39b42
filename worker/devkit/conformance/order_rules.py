"""Checks that events of one time come to the same, in whatever order they arrive."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import combinations, permutations
from typing import TypeAlias

from worker.devkit.conformance.problem import Problem
from worker.devkit.conformance.subject import Filed, Subject
from worker.plan import Key, Resource, Value
from worker.sdk.connector import Event
from worker.sync.fold import Change, Decided, Planned, decide, decide_new, empty, fold

MOST = 4
"""Of so many events all orders of arrival are tried, of more those of each pair."""

MEND = (
    "say which is newer, in Handles: `rank=`, or `version=` if the sender tells more than the time;"
    " in an Upsert `final=True` if nothing comes after it"
)


def arrival_within_one_time_changes_nothing(subject: Subject) -> Iterator[Problem]:
    """Senders tell seconds. Between two events of one type and version only arrival can decide, so those keep their order."""
    if subject.connector.current_payloads:
        return
    for told in _of_one_time(subject):
        for some in [told] if len(told) <= MOST else combinations(told, 2):
            for resource, name in sorted(_undecided(some)):
                types = " and ".join(dict.fromkeys(each.type for each in some))
                where = ", ".join(dict.fromkeys(each.case for each in some))
                what = f"{types} have one time, and their order of arrival decides the {resource}'s {name}"
                yield Problem(where, what, MEND)


@dataclass(frozen=True, slots=True)
class _Told:
    """An event of a case, with its plan."""

    case: str
    type: str
    planned: Planned


def _of_one_time(subject: Subject) -> Iterator[Sequence[_Told]]:
    """Events about one subject that have one time and are mapped by the same settings."""
    groups: dict[object, list[_Told]] = {}
    for filed, rule, event in subject.mapped():
        plan = filed.usual(event)
        if isinstance(plan, tuple) and _tells_time(filed, event):
            place = (repr(filed.settings), event.connection, event.subject, event.time)
            planned = Planned(
                event=event.id,
                time=event.time,
                seq=0,
                connection=event.connection,
                plan=plan,
                sender_version=event.version,
                rank=rule.rank,
            )
            groups.setdefault(place, []).append(_Told(filed.name, event.type, planned))
    yield from (group for group in groups.values() if len(group) > 1)


def _tells_time(filed: Filed, event: Event) -> bool:
    return any(reading.id == event.id and reading.time is not None for reading in filed.readings)


def _undecided(told: Sequence[_Told]) -> set[tuple[Resource, str]]:
    """The fields that an event sets, and that do not end the same over all orders of arrival.

    `on_create` and `if_empty` leave a field to whoever comes first, on purpose.
    """
    orders = [_arrived(order) for order in permutations(told) if _keeps_pairs(order, told)]
    found = set()
    for key in {upsert.key for each in told for upsert in each.planned.plan}:
        upserts = [upsert for each in told for upsert in each.planned.plan if upsert.key == key]
        names = {name for upsert in upserts for name in upsert.set}
        for new in (False, True) if all(upsert.create for upsert in upserts) else (False,):
            ends = [end(order, key, new=new) for order in orders for end in (_folded, _one_by_one)]
            found |= {(key.resource, name) for name in names if any(e.get(name) != ends[0].get(name) for e in ends)}
    return found


def _keeps_pairs(order: Sequence[_Told], told: Sequence[_Told]) -> bool:
    """Whether events that only arrival can tell apart come in the order in which they were told."""
    place = {each.planned.event: number for number, each in enumerate(told)}
    return all(
        place[first.planned.event] < place[second.planned.event]
        for first, second in combinations(order, 2)
        if (first.type, first.planned.sender_version) == (second.type, second.planned.sender_version)
    )


def _arrived(order: Sequence[_Told]) -> list[Planned]:
    return [replace(each.planned, seq=seq) for seq, each in enumerate(order, 1)]


Fields: TypeAlias = Mapping[str, Value]


def _folded(order: Sequence[Planned], key: Key, *, new: bool) -> Fields:
    return _ran([order], key, new=new)


def _one_by_one(order: Sequence[Planned], key: Key, *, new: bool) -> Fields:
    return _ran([[event] for event in order], key, new=new)


def _ran(runs: Sequence[Sequence[Planned]], key: Key, *, new: bool) -> Fields:
    """What the record holds in the end. `new`: the first run makes it; else it is there, and empty."""
    held: dict[str, Decided] = {}
    for change in (change for run in runs for change in fold(run) if change.key == key):
        held |= decide_new(change).fields if new else _decided(change, held)
        new = False
    return {name: None if empty(each.value) else each.value for name, each in held.items()}


def _decided(change: Change, held: Mapping[str, Decided]) -> Mapping[str, Decided]:
    return decide(change, held, lambda name: name not in held or empty(held[name].value)).fields
