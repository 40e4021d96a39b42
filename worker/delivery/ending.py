"""Says how an event ends: with what its run brought about, or with what refused it."""

from __future__ import annotations

from collections.abc import Iterator

from worker.errors import NeedsReview, Refused, Rejected, Unlinked
from worker.plan import Key, Product, QualifiedKey, Row, Value, keys_in
from worker.store.events.outcomes import Outcome
from worker.sync.executor import Result
from worker.sync.fold import Planned

MINUTE = 60.0


def ended(each: Planned, result: Result, keep_early: float) -> Outcome:
    """An event that lacked a record is kept for `keep_early` seconds, and waits again once the record is made."""
    absent = [upsert.key for upsert in each.plan if upsert.key in result.absent]
    left_out = [key for key in _links(each) if key in result.left_out]
    waits_for = _kept_for(each, next(iter([*absent, *left_out]), None), keep_early)
    if each.event in result.effective:
        return Outcome(each.event, "delivered", _lacking(each, result), waits_for=waits_for, seconds=keep_early)
    if all(upsert.key in result.deleted for upsert in each.plan):
        return Outcome(each.event, "ignored", "its record was deleted in Upsales by a person")
    if absent or left_out:
        reason = f"not in Upsales: {_named([*absent, *left_out])}{_until(keep_early)}"
        return Outcome(each.event, "ignored", reason, waits_for=waits_for, seconds=keep_early)
    return Outcome(each.event, "superseded", "nothing of it was left to write")


def refused(each: Planned, failure: Rejected | Refused | NeedsReview, keep_early: float) -> Outcome:
    """No other try would change it, unless a record that it links to is made after all."""
    if isinstance(failure, NeedsReview):
        return Outcome(each.event, "review", str(failure), failure.key, failure.candidates)
    if isinstance(failure, Unlinked):
        waits_for = _kept_for(each, failure.key, keep_early)
        return Outcome(each.event, "dead", f"{failure}{_until(keep_early)}", waits_for=waits_for, seconds=keep_early)
    return Outcome(each.event, "dead", str(failure))


def _lacking(each: Planned, result: Result) -> str | None:
    """What the records were written without."""
    lacking = [key for key in _links(each) if key in result.left_out]
    lacking += [upsert.key for upsert in each.plan if upsert.key in result.absent]
    parts = [f"written without {_named(lacking)}, not in Upsales"] if lacking else []
    parts += [
        f"no product {product.article_no!r} in Upsales: {product.fallback!r} stands in"
        for product in dict.fromkeys(_products(each))
        if product in result.substituted
    ]
    return "; ".join(parts) or None


def _named(keys: list[Key]) -> str:
    return ", ".join(f"{key.resource} {key.id!r}" for key in dict.fromkeys(keys))


def _until(keep_early: float) -> str:
    return f"; applied if it is made within {keep_early / MINUTE:g} min" if keep_early > 0 else ""


def _kept_for(each: Planned, key: Key | None, keep_early: float) -> QualifiedKey | None:
    return None if key is None or keep_early <= 0 else QualifiedKey.of(each.connection, key)


def _links(each: Planned) -> Iterator[Key]:
    for value in _values(each):
        yield from keys_in(value)


def _products(each: Planned) -> Iterator[Product]:
    for value in _values(each):
        rows = value if isinstance(value, tuple) else ()
        yield from (row.product for row in rows if isinstance(row, Row) and isinstance(row.product, Product))


def _values(each: Planned) -> Iterator[Value]:
    for upsert in each.plan:
        for fields in (upsert.set, upsert.on_create, upsert.if_empty):
            yield from fields.values()
