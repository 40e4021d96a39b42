"""Checks that plans do what is declared, and hold what Upsales stores unchanged."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from schemas.upsales import FIXED, UNKNOWN, fields_of, problems
from worker.devkit.conformance.problem import Problem
from worker.devkit.conformance.subject import Subject
from worker.errors import Rejected, alike
from worker.plan import LONGEST, OPT_OUT, Key, Reference, Resource, Upsert, knowing
from worker.sync.typed import CustomField
from worker.sync.view import RecordView
from worker.sync.wire import assemble, field_to_wire

MARKS = frozenset({"custom.EXTERNAL_ID", "externalId"})


def done(subject: Subject) -> dict[Resource, frozenset[str]]:
    """What the plans of the cases do."""
    verbs: dict[Resource, frozenset[str]] = {}
    for _, upsert in subject.upserts():
        made = {"create"} if upsert.create else set()
        kept = set() if upsert.made_once else {"update"}
        kept |= {"unsubscribe"} if any(name == OPT_OUT for name, _ in upsert.fields) else set()
        verbs[upsert.key.resource] = verbs.get(upsert.key.resource, frozenset()) | made | kept
    return verbs


def writes_are_what_the_plans_do(subject: Subject) -> Iterator[Problem]:
    """A connection may do no more than it declares. What is declared and done by no case is not needed, or not tested."""
    did = {(resource, verb) for resource, verbs in done(subject).items() for verb in verbs}
    declared = {(resource, verb) for resource, verbs in subject.connector.writes.items() for verb in verbs}
    for resource, verb in sorted(did - declared):
        what = "plans of its cases do it, and writes does not allow it"
        yield Problem(f"{verb} {resource}", what, f"add {verb!r} for {resource!r} to writes")
    planned = all("plan" in outcome for filed in subject.samples for outcome in filed.outcomes)
    for resource, verb in sorted(declared - did) if planned else ():
        what = "writes allows it, and no case does it"
        yield Problem(f"{verb} {resource}", what, "take it out of writes, or add a case")


def plans_hold_what_upsales_keeps(subject: Subject) -> Iterator[Problem]:
    """Upsales cuts, zeroes or drops a value it does not like, and answers 200."""
    found: dict[tuple[Resource, str, str], dict[str, None]] = {}
    for filed, upsert in subject.upserts():
        for field, line in _refused(upsert, creating=False):
            found.setdefault((upsert.key.resource, field, line), {})[filed.name] = None
    for (resource, field, line), cases in found.items():
        where = f"{', '.join(cases)}, {resource} {field}"
        if line == UNKNOWN:
            yield Problem(where, *_unknown(resource, field))
        else:
            yield Problem(where, line, "clean it with worker.sdk.mapping: clip, block, email, phone, rounded, …")


def _unknown(resource: Resource, field: str) -> tuple[str, str]:
    known = fields_of(resource, field)
    near = alike(field.rpartition(".")[2], known)
    what = f"{resource} has no field `{field}`" + (f"; near: `{near[0]}`" if near else "")
    return what, f"write `{near[0]}`" if near else f"write one of these, or `custom.<ALIAS>`: {', '.join(known)}"


def plans_leave_the_marker_alone(subject: Subject) -> Iterator[Problem]:
    """The relay finds a create whose answer was lost by its marker; in most accounts it is in a field of this alias."""
    for filed, upsert in subject.upserts():
        for field in sorted({name for name, _ in upsert.fields} & MARKS):
            what = "carries the marker by which a record is found that was made without an answer"
            mend = "write to a custom field of the sender's own"
            yield Problem(f"{filed.name}, {upsert.key.resource} {field}", what, mend)


def a_sample_can_make_each_record(subject: Subject) -> Iterator[Problem]:
    """In an empty account `relay demo` has to succeed."""
    samples = {filed.name for filed in subject.samples}
    for filed, upsert in subject.upserts():
        if filed.name in samples and upsert.create:
            alone = knowing(upsert, upsert.made_with)
            told = set(_refused(alone, creating=False))
            for field, line in _refused(alone, creating=True):
                if (field, line) not in told:
                    where = f"{filed.name}, {upsert.key.resource} {field}"
                    yield Problem(where, line, "put it into on_create, or make it no sample")


def _refused(upsert: Upsert, *, creating: bool) -> Iterator[tuple[str, str]]:
    for field, lines in problems(upsert.key.resource, _body(upsert), creating=creating).items():
        yield from ((field, line) for line in lines if creating or line != FIXED)


def keys_and_matches_fit_into_the_ledger(subject: Subject) -> Iterator[Problem]:
    for filed, upsert in subject.upserts():
        texts = {"key": upsert.key.id, **{match.field: match.value for match in upsert.match}}
        for name, text in texts.items():
            if not 0 < len(text) <= LONGEST:
                what = f"has {len(text)} characters; the ledger takes 1 to {LONGEST}"
                yield Problem(f"{filed.name}, {upsert.key.resource} {name}", what, "cut it with clip, or leave it out")


def links_lead_somewhere(subject: Subject) -> Iterator[Problem]:
    """A link leads to a record of the same plan, or to one that this connector can have made before."""
    made = {upsert.key.resource for _, upsert in subject.upserts()}
    for filed, upsert in subject.upserts():
        for resource in sorted(_linked(upsert) - made):
            what = f"links to {resource}, and no plan of any case makes one"
            yield Problem(f"{filed.name}, {upsert.key.resource}", what, "put that upsert into the plan, too")


def _linked(upsert: Upsert) -> set[Resource]:
    found: set[Resource] = set()

    def see(reference: Reference) -> int:
        if isinstance(reference, Key):
            found.add(reference.resource)
        return 7

    _assembled(upsert, see)
    return found


def _body(upsert: Upsert) -> Mapping[str, Any]:
    return _assembled(upsert, lambda _reference: 7)


def _assembled(upsert: Upsert, resolve: Callable[[Reference], int]) -> Mapping[str, Any]:
    placed = {name: choices[-1].key for name, choices in upsert.placed.items() if choices}
    surest = {name: sure.value for name, sure in upsert.surest.items()}
    groups = {
        **surest,
        **upsert.while_ours,
        **upsert.if_empty,
        **upsert.if_ours,
        **placed,
        **upsert.on_create,
        **upsert.set,
    }
    fields: dict[str, Any] = {}
    for name, value in groups.items():
        try:
            fields[name] = field_to_wire(name, value, resolve)
        except (Rejected, AttributeError, TypeError) as error:
            raise TypeError(f"{upsert.key.resource} {name}: {value!r:.60} is no value of a plan") from error
    return assemble(fields, RecordView({}, lambda alias: CustomField(7, alias)))
