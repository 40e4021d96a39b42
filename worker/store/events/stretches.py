"""Goes through events in the order of arrival, by the index that has the fewest of them.

It takes a slice at a time. A search that is not at its end when its time is over tells how far it came.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass, field, replace
from itertools import product
from typing import Any, TypeAlias

from sqlalchemy import ColumnElement, Connection, Select, and_, case, func, literal, select, union_all

from worker.store.db.statuses import STATUSES
from worker.store.db.tables import events, terms
from worker.store.events.moments import Bounds

PROBED = 2000
"""Events that are looked at to see how rare something is."""
FIRST_SLICE = 256
LARGEST_SLICE = 16_384
CHECKED_AT_ONCE = 64
MOST_STRETCHES = 100
"""Of an index, merged into one list."""
MOST_CONNECTIONS = 64

Check: TypeAlias = Callable[[Connection, Sequence[int]], Collection[int]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """Which events. Several values of one name: any of them; none: all. `check` answers which of some it is about, where no column tells."""

    connections: tuple[str, ...] = ()
    statuses: tuple[str, ...] = ()
    types: tuple[str, ...] = ()
    subjects: tuple[str, ...] = ()
    terms: tuple[int, ...] = ()
    batches: tuple[int, ...] = ()
    others: tuple[ColumnElement[bool], ...] = ()
    times: Bounds = field(default_factory=Bounds)
    check: Check | None = None


@dataclass(frozen=True, slots=True)
class Found:
    """`seqs`: in the direction of the search. `reached`: as far as it was searched, where it was cut off."""

    seqs: Sequence[int]
    reached: int | None = None


@dataclass(frozen=True, slots=True)
class _Stretch:
    """Of an index: what is equal in it, in the order of `seq`."""

    seq: Any
    equal: tuple[ColumnElement[bool], ...]

    def part(self, walk: _Walk, number: int) -> Select[Any]:
        """So many of its next events, and whether each is wanted."""
        keys = select(self.seq.label("seq")).where(*self.equal, *walk.ahead(self.seq))
        ordered = keys.order_by(self.seq.desc() if walk.back else self.seq).limit(number)
        hit = case((and_(*walk.rest), 1), else_=0) if walk.rest else literal(1)
        if self.seq is events.c.seq or not walk.rest:
            return ordered.add_columns(hit.label("hit"))
        keyed = ordered.subquery()
        return select(keyed.c.seq, hit.label("hit")).join_from(keyed, events, events.c.seq == keyed.c.seq, isouter=True)


@dataclass(frozen=True, slots=True)
class _Walk:
    """From a place on (without it), `back` in time or forth, as far as the bounds; `rest`: what the index does not tell."""

    back: bool
    start: int | None
    low: int | None
    high: int | None
    rest: tuple[ColumnElement[bool], ...] = ()

    def ahead(self, seq: Any) -> Iterator[ColumnElement[bool]]:
        if self.start is not None:
            yield seq < self.start if self.back else seq > self.start
        if self.low is not None:
            yield seq >= self.low
        if self.high is not None:
            yield seq <= self.high

    def on_from(self, seq: int) -> _Walk:
        return replace(self, start=seq)


@dataclass(frozen=True, slots=True)
class _Course:
    stretches: Sequence[_Stretch]
    rest: tuple[ColumnElement[bool], ...]


def search(
    conn: Connection, wanted: Wanted, *, after: int | None = None, before: int | None = None, limit: int, until: float
) -> Found:
    """The newest before a place, or the oldest after one. `until`: of the monotonic clock; the first slice is always searched."""
    walk = _Walk(after is None, before if after is None else after, wanted.times.low, wanted.times.high)
    course = _rarest(conn, wanted, walk)
    walk = replace(walk, rest=(*course.rest, *wanted.times.within))
    found: list[int] = []
    # Where each that comes is wanted, one slice is the page.
    size = FIRST_SLICE if walk.rest or wanted.check else limit
    while True:
        begun = time.monotonic()
        rows, more = _slice(conn, course.stretches, walk, size)
        hits = [row.seq for row in rows if row.hit]
        kept, checked = _checked(conn, wanted.check, hits, limit - len(found), until)
        found += kept
        if len(found) >= limit:
            return Found(found[:limit])
        if checked is not None:
            return Found(found, checked)
        if not more:
            return Found(found)
        walk = walk.on_from(rows[-1].seq)
        size = _next_size(size, time.monotonic() - begun, until - time.monotonic())
        if not size:
            return Found(found, rows[-1].seq)


def count(conn: Connection, wanted: Wanted, *, most: int, until: float) -> tuple[int, bool]:
    """Up to so many, and one more; and whether everything was counted that there is."""
    if wanted.check is not None:
        found = search(conn, wanted, limit=most + 1, until=until)
        return len(found.seqs), found.reached is None
    course = _rarest(conn, wanted, _Walk(True, None, wanted.times.low, wanted.times.high))
    number = 0
    for walk in _parts_of_time(wanted.times):
        for stretch in course.stretches:
            here, whole = _count(
                conn, stretch, replace(walk, rest=(*course.rest, *walk.rest)), most + 1 - number, until
            )
            number += here
            if number > most or not whole:
                return number, whole
    return number, True


def _parts_of_time(times: Bounds) -> Iterator[_Walk]:
    """The middle, of which no time needs to be read, and what is near its edges."""
    if times.sure_low is not None and times.sure_high is not None and times.sure_low > times.sure_high:
        yield _Walk(True, None, times.low, times.high, times.within)
        return
    yield _Walk(True, None, times.sure_low, times.sure_high)
    if times.sure_low is not None:
        yield _Walk(True, None, times.low, times.sure_low - 1, times.within)
    if times.sure_high is not None:
        yield _Walk(True, None, times.sure_high + 1, times.high, times.within)


def _count(conn: Connection, stretch: _Stretch, walk: _Walk, most: int, until: float) -> tuple[int, bool]:
    if not walk.rest:
        # In no order, so that the smallest index may do.
        some = select(stretch.seq).where(*stretch.equal, *walk.ahead(stretch.seq)).limit(most).subquery()
        return conn.execute(select(func.count()).select_from(some)).scalar_one(), True
    number, size = 0, FIRST_SLICE
    while True:
        begun = time.monotonic()
        part = stretch.part(walk, size).subquery()
        seen, hits, last = conn.execute(
            select(func.count(), func.coalesce(func.sum(part.c.hit), 0), func.min(part.c.seq))
        ).one()
        number += int(hits)
        if number >= most or seen < size:
            return min(number, most), True
        walk = walk.on_from(last)
        size = _next_size(size, time.monotonic() - begun, until - time.monotonic())
        if not size:
            return number, False


def _next_size(size: int, took: float, left: float) -> int:
    """As much as surely takes no more than half of what is left; none when that is too little to go on."""
    affordable = int(size * left / 2 / max(took, 1e-6))
    return min(size * 4, LARGEST_SLICE, affordable) if left > 0 and affordable >= CHECKED_AT_ONCE else 0


def _slice(conn: Connection, stretches: Sequence[_Stretch], walk: _Walk, number: int) -> tuple[Sequence[Any], bool]:
    """The next events of all stretches, as far as all of them were read; and whether there are more."""
    each = max(number // len(stretches), 1) if walk.rest else number
    parts = [stretch.part(walk, each) for stretch in stretches]
    if len(parts) == 1:
        rows = conn.execute(parts[0]).all()
        return rows, len(rows) == each
    marked = [select(part.subquery(), literal(place).label("place")) for place, part in enumerate(parts)]
    found = sorted(conn.execute(union_all(*marked)).all(), key=lambda row: row.seq, reverse=walk.back)
    last: dict[int, int] = {}
    seen: dict[int, int] = {}
    for row in found:
        last[row.place], seen[row.place] = row.seq, seen.get(row.place, 0) + 1
    ends = [last[place] for place, rows_of in seen.items() if rows_of == each]
    if not ends:
        return found, False
    reached = max(ends) if walk.back else min(ends)
    return [row for row in found if (row.seq >= reached if walk.back else row.seq <= reached)], True


def _checked(
    conn: Connection, check: Check | None, hits: Sequence[int], needed: int, until: float
) -> tuple[Sequence[int], int | None]:
    """Those of the hits that are meant; and the last one that was checked, if time was over before all were."""
    if check is None:
        return hits, None
    kept: list[int] = []
    for start in range(0, len(hits), CHECKED_AT_ONCE):
        some = hits[start : start + CHECKED_AT_ONCE]
        meant = check(conn, some)
        kept += [seq for seq in some if seq in meant]
        if len(kept) >= needed:
            break
        if time.monotonic() > until and start + CHECKED_AT_ONCE < len(hits):
            return kept, some[-1]
    return kept, None


def _rarest(conn: Connection, wanted: Wanted, walk: _Walk) -> _Course:
    """By which index to go: the one in which the fewest lie ahead."""
    options = list(_options(conn, wanted))
    if len(options) == 1:
        return options[0]
    probes = [
        (place, stretch.part(walk, max(PROBED // len(option.stretches), 20)).subquery())
        for place, option in enumerate(options)
        for stretch in option.stretches
    ]
    outermost = func.min if walk.back else func.max
    asked = [
        select(literal(place).label("place"), func.count().label("n"), outermost(part.c.seq).label("end")).select_from(
            part
        )
        for place, part in probes
    ]
    rows = conn.execute(union_all(*asked)).all()
    newest = walk.start if walk.start is not None else max((row.end or 0 for row in rows), default=0) + PROBED
    dense = [0.0] * len(options)
    for row in rows:
        full = row.n >= max(PROBED // len(options[row.place].stretches), 20)
        # Those that were all seen are as rare as they are few, whatever they span.
        dense[row.place] += row.n / max(abs(newest - row.end), 1) if full else row.n * 1e-9
    return options[min(range(len(options)), key=dense.__getitem__)]


def _options(conn: Connection, wanted: Wanted) -> Iterator[_Course]:
    seq, by = events.c.seq, events.c
    of_type = _any_of(by.type, wanted.types)
    of_subject = _any_of(by.subject, wanted.subjects)
    of_connection = (*_any_of(by.connection, wanted.connections), *_any_of(by.status, wanted.statuses))
    of_batch = _any_of(by.batch, wanted.batches)
    others = (*of_batch, *wanted.others)
    if wanted.batches:
        pairs_of = product(wanted.batches, wanted.statuses or STATUSES)
        stretches = [_Stretch(seq, (by.batch == batch, by.status == status)) for batch, status in pairs_of]
        if len(stretches) <= MOST_STRETCHES:
            yield _Course(stretches, (*of_subject, *of_type, *of_connection, *wanted.others))
    if wanted.terms:
        stretches = [_Stretch(terms.c.seq, (terms.c.term == term,)) for term in wanted.terms]
        yield _Course(stretches, (*of_subject, *of_type, *of_connection, *others))
    if wanted.subjects:
        stretches = [_Stretch(seq, (by.subject == subject,)) for subject in wanted.subjects]
        yield _Course(stretches, (*of_type, *of_connection, *others))
    if wanted.types:
        stretches = [_Stretch(seq, (by.type == name,)) for name in wanted.types]
        yield _Course(stretches, (*of_subject, *of_connection, *others))
    if wanted.connections or wanted.statuses:
        pairs = list(product(wanted.connections or connections_of_events(conn), wanted.statuses or STATUSES))
        stretches = [_Stretch(seq, (by.connection == name, by.status == status)) for name, status in pairs]
        if 0 < len(stretches) <= MOST_STRETCHES:
            yield _Course(stretches, (*of_subject, *of_type, *others))
            return
    if not (wanted.batches or wanted.terms or wanted.subjects or wanted.types):
        yield _Course([_Stretch(seq, ())], (*of_connection, *others))


def connections_of_events(conn: Connection) -> Sequence[str]:
    """From an index, one at a time: reading them all off the events would be a scan."""
    found: list[str] = []
    last = ""
    while len(found) <= MOST_CONNECTIONS:
        name = conn.execute(
            select(events.c.connection).where(events.c.connection > last).order_by(events.c.connection).limit(1)
        ).scalar_one_or_none()
        if name is None:
            break
        found.append(name)
        last = name
    return found


def _any_of(column: ColumnElement[Any], values: Sequence[Any]) -> tuple[ColumnElement[bool], ...]:
    return (column == values[0] if len(values) == 1 else column.in_(values),) if values else ()
