"""Compares what stands in Upsales with what should stand there."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from tests.chaos.expectation import Expectation, Expected
from tests.chaos.scaled import PHONE
from tests.chaos.story import ARTICLES
from tests.chaos.things import OPTED_OUT, RESOURCES, Thing

AT_THE_BEGINNING = (*ARTICLES, "FRAKT")
"""Articles that stand in every sandbox."""

Records = Mapping[str, Sequence[Mapping[str, Any]]]

NAMED = re.compile(r"\[(\w+ \w-\d+)\]")
CALL = re.compile(r"https://samtal\.example/(\w+)/(\S+)")
RECORDING = re.compile(r"https://assets\.aircall\.io/calls/(\d+)/recording/info")
CUSTOM = {"accounts": "customfields/account", "orders": "customfields/order"}


@dataclass(slots=True)
class Judgement:
    """One line for each thing that is not as it should be."""

    lost: list[str] = field(default_factory=list)
    duplicated: list[str] = field(default_factory=list)
    wrong: list[str] = field(default_factory=list)


def judge(expected: Expectation, state: Mapping[int, Records], undecided: frozenset[Thing] = frozenset()) -> Judgement:
    """`undecided`: things that wait for a person; they may be missing, and still not be there twice."""
    found: dict[Thing, list[Mapping[str, Any]]] = defaultdict(list)
    for account, records in state.items():
        for thing, seen in _things(account, records):
            found[thing].append(seen)
    judgement = Judgement()
    for thing, expectation in sorted(expected.items(), key=lambda each: each[0]):
        _judge(judgement, thing, expectation, found.pop(thing, []), undecided)
    judgement.wrong += [f"{thing}: nobody sent it (ids {_ids(records)})" for thing, records in sorted(found.items())]
    return judgement


def _judge(
    judgement: Judgement,
    thing: Thing,
    expected: Expected,
    records: Sequence[Mapping[str, Any]],
    undecided: frozenset[Thing],
) -> None:
    if len(records) > 1:
        judgement.duplicated.append(f"{thing}: ids {_ids(records)}")
    elif not records:
        if thing not in undecided:
            judgement.lost.append(f"{thing}, of {', '.join(sorted(set(expected.words.values())))}")
    else:
        differing = [
            f"{name} is {records[0].get(name)!r}, {expected.words[name]} said {value!r}"
            for name, value in expected.values.items()
            if records[0].get(name) != value
        ]
        if differing:
            judgement.wrong.append(f"{thing} (id {records[0]['id']}): {'; '.join(differing)}")


def _ids(records: Sequence[Mapping[str, Any]]) -> str:
    return ", ".join(str(record["id"]) for record in records)


def _things(account: int, records: Records) -> Sequence[tuple[Thing, Mapping[str, Any]]]:
    reader = _Reader(records)
    return [
        (Thing(account, resource, name_of(resource, record)), reader.seen(resource, record))
        for resource in RESOURCES.values()
        for record in records.get(resource, ())
        if record.get("articleNo") not in AT_THE_BEGINNING
    ]


def name_of(resource: str, record: Mapping[str, Any]) -> str:
    """What a person would know it by."""
    nameless = f"without a name, id {record['id']}"
    match resource:
        case "accounts":
            return str(record["orgNo"] or record["name"] or nameless)
        case "contacts" | "users":
            return str(record["email"] or nameless)
        case "products":
            return str(record["articleNo"] or nameless)
        case "phonecall":
            return _call(record["conversationUrl"] or "") or nameless
        case _:
            described = record["description"] or nameless
            named = NAMED.search(described)
            return named[1] if named else str(described)


def _call(page: str) -> str | None:
    if recorded := RECORDING.fullmatch(page):
        return f"{PHONE} {recorded[1]}"
    called = CALL.search(page)
    return f"{called[1]} {called[2]}" if called else None


class _Reader:
    """One account's records, in the words of the senders."""

    def __init__(self, records: Records) -> None:
        self._by_id = {
            resource: {record["id"]: record for record in records.get(resource, ())}
            for resource in ("accounts", "contacts", "users")
        }
        self._aliases = {
            resource: {row["id"]: row["alias"] for row in records.get(definitions, ())}
            for resource, definitions in CUSTOM.items()
        }

    def seen(self, resource: str, record: Mapping[str, Any]) -> Mapping[str, Any]:
        seen = dict(record)
        aliases = self._aliases.get(resource, {})
        for entry in record.get("custom") or ():
            seen[f"custom {aliases.get(entry['fieldId'])}"] = entry["value"]
        seen["client"] = self._of("accounts", record.get("client"))
        seen["contact"] = self._of("contacts", record.get("contact"))
        seen["user"] = self._of("users", record.get("user"))
        seen["contacts"] = sorted(str(self._of("contacts", each)) for each in record.get("contacts") or ())
        if record.get("unsubscribed"):
            seen["unsubscribed"] = OPTED_OUT
        if record.get("stage"):
            seen["stage"] = record["stage"]["name"]
        if "orderRow" in record:
            rows = record["orderRow"]
            seen["rows"] = sorted(
                (row["product"]["articleNo"], float(row["quantity"]), float(row["price"])) for row in rows
            )
        return seen

    def _of(self, resource: str, reference: Any) -> str | None:
        record = self._by_id[resource].get(reference["id"]) if reference else None
        return name_of(resource, record) if record else None
