"""Does one thing to many events by batches, one for each connection, as the console does."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

from ulid import ULID

from worker.admin import batch_views, batches
from worker.admin import filters as grammar
from worker.admin.batch_views import BatchView, seq_of
from worker.admin.filters import WAITING
from worker.admin.refusals import TooMany
from worker.cli.context import Installation
from worker.cli.options import Filters
from worker.cli.output import say
from worker.cli.selection import number
from worker.errors import ConfigError
from worker.store import Store
from worker.store.batches.rows import Kind
from worker.store.people.audit import Actor

UNSAID = "by command"
NARROW = "narrow them by --connection, --type, --subject, --since or --until, and go on from there"


def counted(
    installation: Installation, actor: Actor, kind: Kind, filters: Filters, statuses: Sequence[str], a_minute: int
) -> Sequence[BatchView]:
    """A draft for each connection that has such events. Raises ConfigError for a connection that nobody ever heard of, and for too many events."""
    store, wanted = installation.store, _wanted(filters, statuses)
    names = batches.connections_of(store, kind, wanted)
    if not names and filters.connection is not None:
        installation.connection(filters.connection)
    each = [replace(wanted, connection=(name,)) for name in names]
    try:
        made = [batches.create(store, actor, kind, of_one, rate=a_minute, key=str(ULID())) for of_one in each]
    except TooMany:
        raise ConfigError(f"more than {batches.MOST} events: {NARROW}") from None
    return [deed.batch for deed in made]


def total(drafts: Sequence[BatchView]) -> int:
    return sum(draft.count for draft in drafts)


def goes(store: Store, actor: Actor, drafts: Sequence[BatchView], ask: Callable[[], bool]) -> bool:
    """Whether a person agrees; the drafts are thrown away if not, or if nobody can be asked."""
    try:
        agreed = ask()
    except BaseException:
        throw_away(store, actor, drafts)
        raise
    if not agreed:
        throw_away(store, actor, drafts)
    return agreed


def begin(store: Store, actor: Actor, drafts: Sequence[BatchView], why: str | None) -> None:
    for draft in drafts:
        batches.start(store, actor, seq_of(draft.id), why=why or UNSAID)
    if drafts:
        which = ", ".join(draft.id for draft in drafts)
        say(f"{which}: `relay replay --cancel {drafts[0].id}` takes back what has not begun.", err=True)


def carry_through(store: Store, actor: Actor, drafts: Sequence[BatchView], why: str) -> int:
    """Start them, and see them to their end. Answers to how many events it was done."""
    for draft in drafts:
        batches.start(store, actor, seq_of(draft.id), why=why)
        batches.finish(store, seq_of(draft.id))
    views = [batch_views.shown(store, seq_of(draft.id)) for draft in drafts]
    return sum(view.progress.taken for view in views if view.progress is not None)


def throw_away(store: Store, actor: Actor, drafts: Sequence[BatchView]) -> None:
    for draft in drafts:
        batches.cancel(store, actor, seq_of(draft.id))


def taken_back(store: Store, actor: Actor, named: Sequence[str], connection: str | None, why: str | None) -> int:
    """Cancel these batches, or all replays that go on, or those of a connection. Answers how many events will not be delivered by them."""
    seqs = [_seq(name) for name in named] or batches.replays_of(store, connection)
    return sum(batches.cancel(store, actor, seq, why=why).batch.taken_back for seq in seqs)


def told_of(count: int) -> str:
    if not count:
        return "No replay waits for its turn: nothing was taken back."
    return f"{number(count, 'event')} taken back, as before the replay; what had begun goes on."


def _seq(name: str) -> int:
    if grammar.BATCH.fullmatch(name) is None:
        raise ConfigError(f"--cancel {name}: name batches, such as b-42, or narrow it by --connection")
    return seq_of(name)


def _wanted(filters: Filters, statuses: Sequence[str]) -> grammar.Filters:
    def one(text: str | None) -> tuple[str, ...]:
        return () if text is None else (text,)

    return grammar.Filters(
        connection=one(filters.connection),
        fate=tuple(WAITING if status == "pending" else status for status in statuses),
        type=one(filters.type),
        subject=one(filters.subject),
        since=None if filters.since is None else batch_views.stamp(filters.since),
        until=None if filters.until is None else batch_views.stamp(filters.until),
    )
