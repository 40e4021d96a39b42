"""Executes the plans of a claim as one, or else one by one, and says how each ends."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import TypeAlias

from worker.errors import Failure, NeedsReview, Refused, Rejected, Unlinked
from worker.plan import Key, Product, QualifiedKey, Row, Value, keys_in
from worker.store.db.statuses import Ended
from worker.store.events.outcomes import Outcome
from worker.sync.fold import Planned
from worker.sync.result import Result

MINUTE = 60.0

Execute: TypeAlias = Callable[[Sequence[Planned]], Result]


@dataclass(frozen=True, slots=True)
class Executed:
    """How events ended. A `failure` cut it short: those that are `left` have not ended. `answered`: Upsales was asked, and did.

    `calls`: made; `records`: written.
    """

    outcomes: Sequence[Outcome] = ()
    failure: Failure | None = None
    left: Sequence[Planned] = ()
    answered: bool = False
    calls: int | None = 0
    records: int | None = 0


def execute_together(plans: Sequence[Planned], execute: Execute, keep_early: float = 0.0) -> Executed:
    """A bad event doesn't bury its neighbours: refused together, each is tried alone.

    `keep_early`: how many seconds an event is kept for a record that is not in Upsales.
    """
    try:
        result = execute(plans)
    except (Rejected, Refused, NeedsReview) as failure:
        if len(plans) > 1:
            return _one_by_one(plans, execute, keep_early)
        return Executed([_refused(plans[0], failure, keep_early)])
    except Failure as failure:
        return Executed(failure=failure, left=plans)
    return Executed([_ended(each, result, keep_early) for each in plans])


def _one_by_one(plans: Sequence[Planned], execute: Execute, keep_early: float) -> Executed:
    outcomes: list[Outcome] = []
    for number, each in enumerate(plans):
        alone = execute_together([each], execute, keep_early)
        if alone.failure is not None:
            return Executed(outcomes, alone.failure, plans[number:])
        outcomes += alone.outcomes
    return Executed(outcomes)


def _ended(each: Planned, result: Result, keep_early: float) -> Outcome:
    """An event that lacked a record is kept for `keep_early` seconds, and waits again once the record is made."""
    lacking = _lacking(each, result) if result.absent or result.left_out else ()
    waits_for = _kept_for(each, lacking[0], keep_early) if lacking else None
    status, rule, code = _ending(each, result, lacking, keep_early)
    reason = "; ".join([*rule, *_left_out(each, result)]) or None
    return Outcome(each.event, status, reason, waits_for=waits_for, seconds=keep_early, code=code)


def _ending(
    each: Planned, result: Result, lacking: Sequence[Key], keep_early: float
) -> tuple[Ended, Sequence[str], str]:
    """The reason, and its kind. Superseded is only what found its records, and nothing to write to them."""
    deleted = [upsert.key for upsert in each.plan if upsert.key in result.deleted]
    if each.event in result.effective:
        without = _without(each, result, lacking, deleted)
        return "delivered", without, "written_without" if without else ""
    if len(deleted) == len(each.plan):
        return "ignored", ["its record was deleted in Upsales by a person"], "deleted_in_upsales"
    rules = [f"not in Upsales: {_named(lacking)}{_until(keep_early)}"] if lacking else []
    rules += [f"deleted in Upsales by a person: {_named(deleted)}"] if deleted else []
    if rules:
        return "ignored", rules, "not_in_upsales" if lacking else "deleted_in_upsales"
    return "superseded", ["nothing of it was left to write"], "nothing_left"


def _left_out(each: Planned, result: Result) -> Sequence[str]:
    """What its mapping left out on purpose, and what fits no custom field."""
    told = [sentence for upsert in each.plan for sentence in upsert.left_out]
    return list(dict.fromkeys([*told, *result.misfits.get(each.event, ())]))


def _refused(each: Planned, failure: Rejected | Refused | NeedsReview, keep_early: float) -> Outcome:
    """No other try would change it, unless a record that it links to is made after all."""
    if isinstance(failure, NeedsReview):
        return Outcome(each.event, "review", str(failure), failure.key, failure.candidates, code=failure.code)
    if isinstance(failure, Unlinked):
        waits_for = _kept_for(each, failure.key, keep_early)
        reason = f"{failure}{_until(keep_early)}"
        return Outcome(each.event, "dead", reason, waits_for=waits_for, seconds=keep_early, code=failure.code)
    return Outcome(each.event, "dead", str(failure), code=failure.code, http_status=failure.status)


def _lacking(each: Planned, result: Result) -> Sequence[Key]:
    """Records that the event means, and that are not in Upsales."""
    absent = [upsert.key for upsert in each.plan if upsert.key in result.absent]
    return [*absent, *(key for key in _links(each) if key in result.left_out)]


def _without(each: Planned, result: Result, lacking: Sequence[Key], deleted: Sequence[Key]) -> Sequence[str]:
    """What the event's records were written without."""
    parts = [f"written without {_named(lacking)}, not in Upsales"] if lacking else []
    parts += [f"written without {_named(deleted)}, deleted in Upsales by a person"] if deleted else []
    apart = [upsert.key for upsert in each.plan if upsert.key in result.without_contacts]
    parts += [f"Upsales left the contact out of {_named(apart)}: it belongs to another company"] if apart else []
    return parts + [
        f"{_article(product)}: {product.fallback!r} stands in"
        for product in dict.fromkeys(_products(each))
        if product in result.substituted
    ]


def _named(keys: Sequence[Key]) -> str:
    return ", ".join(f"{key.resource} {key.id!r}" for key in dict.fromkeys(keys))


def _until(keep_early: float) -> str:
    return f"; applied if it is made within {keep_early / MINUTE:g} min" if keep_early > 0 else ""


def _kept_for(each: Planned, key: Key, keep_early: float) -> QualifiedKey | None:
    return None if keep_early <= 0 else QualifiedKey.of(each.connection, key)


def _links(each: Planned) -> Iterator[Key]:
    for value in _values(each):
        yield from keys_in(value)
    yield from (upsert.only_with for upsert in each.plan if upsert.only_with is not None)


def _products(each: Planned) -> Iterator[Product]:
    for value in _values(each):
        rows = value if isinstance(value, tuple) else ()
        yield from (row.product for row in rows if isinstance(row, Row) and isinstance(row.product, Product))


def _values(each: Planned) -> Iterator[Value]:
    for upsert in each.plan:
        yield from (value for _, value in upsert.fields)


def _article(product: Product) -> str:
    if product.article_no:
        return f"no product {product.article_no!r} in Upsales"
    called = f", and no product or several named {product.name!r}" if product.name else ""
    return f"a row without an article number{called}"
