"""Finds records of things that a sender no longer has, and links to what is gone."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import cast

from worker.delivery.reconcile.compare import Records
from worker.delivery.reconcile.seen import Seen
from worker.errors import GoneAtSource, NeverExisted
from worker.plan import Key, Resource
from worker.sources.ports import Reader
from worker.store.sources.findings import Finding
from worker.store.sources.reconciliations import Linked

PAGE = 500


@dataclass(slots=True)
class Shapes:
    """Which keys are those of a kind's things, as those that were planned tell: the key ends with the thing's id."""

    _kinds: dict[tuple[str, str], str] = field(default_factory=dict)

    def learn(self, kind: str, thing: str, key: Key) -> None:
        if key.id.endswith(thing) and not key.natural:
            self._kinds.setdefault((key.resource, key.id.removesuffix(thing)), kind)

    def of(self, linked: Linked) -> tuple[str, str] | None:
        """The kind and the id of the thing that the key stands for."""
        for (resource, begin), kind in self._kinds.items():
            thing = linked.key.removeprefix(begin)
            if resource == linked.resource and linked.key.startswith(begin) and thing and ":" not in thing:
                return kind, thing
        return None


@dataclass(frozen=True, slots=True)
class Leftover:
    """`keys`, `things`: what was seen in the lists. `readable`: kinds of which one thing can be read. `links`: the page after a link.

    `everything`: all kinds were listed, so links of no known shape are looked at, too.
    """

    reader: Reader
    records: Callable[[], Records]
    keys: Seen
    things: Seen
    shapes: Shapes
    readable: frozenset[str]
    links: Callable[[Linked | None, int], Sequence[Linked]]
    everything: bool

    def pages(self) -> Iterator[Sequence[Callable[[], Finding | None]]]:
        """Each finding is asked for apart, so that whoever is throttled asks for the rest again."""
        after: Linked | None = None
        while page := self.links(after, PAGE):
            after = page[-1]
            unseen = [link for link in page if (link.resource, link.key) not in self.keys]
            yield from self._checks([link for link in unseen if self.everything or self.shapes.of(link)])

    def _checks(self, links: Sequence[Linked]) -> Iterator[Sequence[Callable[[], Finding | None]]]:
        if not links:
            return
        records = self.records()

        def check(link: Linked) -> Callable[[], Finding | None]:
            return lambda: self._check(records, links, link)

        yield [check(link) for link in links]

    def _check(self, records: Records, links: Sequence[Linked], link: Linked) -> Finding | None:
        wanted: dict[Resource, set[int]] = {}
        for each in links:
            wanted.setdefault(cast("Resource", each.resource), set()).add(each.record_id)
        records.read(wanted)
        resource = cast("Resource", link.resource)
        shape = self.shapes.of(link)
        kind, thing = shape or ("", "")
        finding = Finding(
            what="extra",
            kind=kind,
            thing=thing,
            resource=resource,
            key=link.key,
            record_id=link.record_id,
        )
        if records.of(resource, link.record_id) is None:
            return replace(finding, what="gone")
        return finding if shape and self._missed(kind, thing) else None

    def _missed(self, kind: str, thing: str) -> bool:
        """Whether the sender has it no more. A list may leave out what is archived."""
        if (kind, thing) in self.things:
            return False
        if kind not in self.readable:
            return True
        try:
            self.reader.get(kind, thing)
        except (GoneAtSource, NeverExisted):
            return True
        return False
