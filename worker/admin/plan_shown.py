"""Shows a plan record by record, and the calls that it would make, masked."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from worker.admin.masking import Masking, masked_value
from worker.admin.planned_values import key_text, value_text
from worker.plan import IfKnown, Key, Placed, Upsert, keys_in
from worker.sync.dry_run import DryRunCall

POLICIES: Final = ("set", "on_create", "if_empty", "if_ours", "while_ours", "surest", "placed")


@dataclass(frozen=True, slots=True)
class Field:
    """`policy`: when it is written, see `Upsert`."""

    policy: str
    name: str
    value: str


@dataclass(frozen=True, slots=True)
class Linked:
    field: str
    to: str


@dataclass(frozen=True, slots=True)
class Matched:
    by: str
    value: str


@dataclass(frozen=True, slots=True)
class Wanted:
    """One record as it should be. `creates`: whether it is made where there is none; if so, where all of `made_with` and none of `made_without` are there."""

    resource: str
    key: str
    creates: bool
    match: Sequence[Matched]
    fields: Sequence[Field]
    links: Sequence[Linked]
    left_out: Sequence[str]
    made_with: Sequence[str] = ()
    made_without: Sequence[str] = ()


@dataclass(frozen=True, slots=True)
class WouldCall:
    """A call that would be made now. `about`: what a search asks for, or the id of the record."""

    verb: str
    resource: str
    about: str
    body: Mapping[str, Any]


def wanted(upsert: Upsert, masking: Masking) -> Wanted:
    told = ((policy, name, value) for policy in POLICIES for name, value in getattr(upsert, policy).items())
    found = [(policy, name, value) for policy, name, value in told if not _only_links(value)]
    return Wanted(
        resource=upsert.key.resource,
        key=masking.id(upsert.key.id),
        creates=upsert.create,
        match=[Matched(match.field, masking.text(match.field, match.value)) for match in upsert.match],
        fields=[Field(policy, name, value_text(name, value, masking)) for policy, name, value in found],
        links=list(_links(upsert, masking)),
        left_out=[masking.sentence(each) or "" for each in upsert.left_out],
        made_with=[key_text(key, masking) for key in upsert.made_with],
        made_without=[key_text(key, masking) for key in upsert.made_without],
    )


def _only_links(value: Any) -> bool:
    if isinstance(value, tuple):
        return bool(value) and all(map(_only_links, value))
    return isinstance(value, Key | IfKnown | Placed)


def _links(upsert: Upsert, masking: Masking) -> Iterator[Linked]:
    for name, value in upsert.fields:
        yield from (Linked(name, key_text(key, masking)) for key in keys_in(value))
    for name, choices in upsert.placed.items():
        yield from (Linked(name, key_text(choice.key, masking)) for choice in choices)


def would_call(call: DryRunCall, masking: Masking) -> WouldCall:
    return WouldCall(call.verb, call.resource, _about(call.about, masking), masked_value(dict(call.body), "", masking))


def _about(about: str, masking: Masking) -> str:
    """`email = asa@acme.example or name = Acme`, or an id."""
    asked = [part.partition(" = ") for part in about.split(" or ")]
    return " or ".join(
        f"{name} = {masking.text(name, value)}" if mark else _id(name, masking) for name, mark, value in asked
    )


def _id(text: str, masking: Masking) -> str:
    return text if text.isdecimal() or text.startswith("<new ") else masking.text("", text)
