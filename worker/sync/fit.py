"""Fits the custom values of a plan to their fields, and names what does not fit."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import partial

from worker.errors import Rejected
from worker.plan import Plan, Resource, Upsert, User, Value
from worker.sdk.mapping.text import NOTES, block
from worker.sync.fold import empty
from worker.sync.ports import Crm
from worker.sync.typed import Converted, CustomField, Fit, Misfit, typed
from worker.sync.view import CUSTOM

TELLS: frozenset[Resource] = frozenset({"activity", "appointment", "order", "agreement"})
"""Records of what happened. The notes of companies and people are about them, not about an event."""


@dataclass(frozen=True, slots=True)
class Fitted:
    """`misfits`: what does not fit, a sentence each."""

    plan: Plan
    misfits: tuple[str, ...]


def fit(crm: Crm, plan: Plan) -> Fitted:
    """The plan with values that its custom fields can hold. Raises what `Crm.custom_field` raises.

    This comes before plans are folded: a value that is left out must not win over an older one that is not.
    """
    fitting = _Fitting(crm)
    fitted = tuple(map(fitting.upsert, plan))
    sentences = tuple(dict.fromkeys(misfit.sentence(custom) for custom, misfit in fitting.misfits))
    return Fitted(_noted(fitted, fitting.misfits), sentences)


@dataclass(frozen=True, slots=True)
class _Fitting:
    crm: Crm
    misfits: list[tuple[CustomField, Misfit]] = field(default_factory=list)

    def upsert(self, upsert: Upsert) -> Upsert:
        def fields(told: Mapping[str, Value]) -> dict[str, Value]:
            return dict(self._fields(upsert.key.resource, told))

        surest = fields({name: sure.value for name, sure in upsert.surest.items()})
        return replace(
            upsert,
            set=fields(upsert.set),
            on_create=fields(upsert.on_create),
            if_empty=fields(upsert.if_empty),
            if_ours=fields(upsert.if_ours),
            while_ours=fields(upsert.while_ours),
            surest={name: replace(upsert.surest[name], value=value) for name, value in surest.items()},
        )

    def _fields(self, resource: Resource, told: Mapping[str, Value]) -> Iterator[tuple[str, Value]]:
        for name, value in told.items():
            if not name.startswith(CUSTOM) or empty(value):
                yield name, value
                continue
            custom = self.crm.custom_field(resource, name.removeprefix(CUSTOM), suits=partial(_takes, value))
            found = self._known(typed(custom, value))
            misfit = _left_out(found)
            if misfit is not None:
                self.misfits.append((custom, misfit))
            if isinstance(found, Fit):
                yield name, found.value

    def _known(self, found: Converted) -> Converted:
        """A user who is not in Upsales does not fit."""
        if isinstance(found, Fit) and isinstance(found.value, User):
            try:
                self.crm.resolve(found.value)
            except Rejected:
                return Misfit(found.value.email, "no active user in Upsales has this e-mail address")
        return found


def _takes(value: Value, custom: CustomField) -> bool:
    return _left_out(typed(custom, value)) is None


def _left_out(found: Converted) -> Misfit | None:
    return found.without if isinstance(found, Fit) else found


def _noted(plan: Plan, misfits: list[tuple[CustomField, Misfit]]) -> Plan:
    """The plan, with what does not fit in the notes of the record that tells what happened, if it makes one."""
    lines = "\n".join(dict.fromkeys(misfit.in_full(custom) for custom, misfit in misfits))
    place = next((number for number, upsert in enumerate(plan) if lines and _tells(upsert)), None)
    if place is None:
        return plan
    return (*plan[:place], _with(plan[place], block(lines, NOTES // 2)), *plan[place + 1 :])


def _tells(upsert: Upsert) -> bool:
    notes = next((told["notes"] for told in (upsert.set, upsert.on_create, upsert.if_empty) if told.get("notes")), None)
    return upsert.create and upsert.key.resource in TELLS and isinstance(notes, str)


def _with(upsert: Upsert, lines: str) -> Upsert:
    def fields(told: Mapping[str, Value]) -> Mapping[str, Value]:
        notes = told.get("notes")
        if not isinstance(notes, str):
            return told
        return {**told, "notes": f"{block(notes, NOTES - len(lines) - 2)}\n\n{lines}"}

    return replace(upsert, set=fields(upsert.set), on_create=fields(upsert.on_create), if_empty=fields(upsert.if_empty))
