"""Sets apart what opts a person out: no field that is written, but a call of its own."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from worker.plan import OPT_OUT, Upsert, Value
from worker.sync.fold import Change


def told_apart(change: Change) -> tuple[Change, Change | None]:
    """The change without the opt-out, and with nothing else; None where nobody opts out.

    The second comes after the first: a person who is not there can't be opted out.
    """
    if not any(OPT_OUT in fields for step in change.steps for fields in (step.upsert.set, step.upsert.if_empty)):
        return change, None
    return _with(change, opting_out=False), _with(change, opting_out=True)


def _with(change: Change, *, opting_out: bool) -> Change:
    upserts = ((step, _only(step.upsert) if opting_out else _rest(step.upsert)) for step in change.steps)
    return replace(change, steps=tuple(replace(step, upsert=upsert) for step, upsert in upserts))


def _only(upsert: Upsert) -> Upsert:
    return Upsert(
        key=upsert.key,
        set=_of(upsert.set, opting_out=True),
        if_empty=_of(upsert.if_empty, opting_out=True),
        final=upsert.final,
        gone=upsert.gone,
        create=False,
    )


def _rest(upsert: Upsert) -> Upsert:
    return replace(upsert, set=_of(upsert.set, opting_out=False), if_empty=_of(upsert.if_empty, opting_out=False))


def _of(fields: Mapping[str, Value], *, opting_out: bool) -> dict[str, Value]:
    return {name: value for name, value in fields.items() if (name == OPT_OUT) is opting_out}
