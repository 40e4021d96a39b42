"""Hands on to another one what a view of Upsales adds nothing to."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence

from worker.plan import Reference, Resource
from worker.sync.ports import Crm
from worker.sync.records import Found, Json
from worker.sync.typed import CustomField


class ReadThrough:
    """`real`: the one that is asked."""

    __slots__ = ()
    real: Crm

    def visible(self, resource: Resource, record_id: int) -> bool:
        return self.real.visible(resource, record_id)

    def marker_field(self, resource: Resource) -> str | None:
        return self.real.marker_field(resource)

    def with_marker(self, resource: Resource, marker: str) -> Sequence[Found]:
        return self.real.with_marker(resource, marker)

    def own_domains(self) -> Collection[str]:
        return self.real.own_domains()

    def resolve(self, reference: Reference) -> int:
        return self.real.resolve(reference)

    def custom_field(
        self, resource: Resource, alias: str, *, suits: Callable[[CustomField], bool] | None = None
    ) -> CustomField:
        return self.real.custom_field(resource, alias, suits=suits)

    def check(self, resource: Resource, body: Mapping[str, Json], *, creating: bool) -> None:
        self.real.check(resource, body, creating=creating)

    def whole(self, resource: Resource) -> bool:
        return self.real.whole(resource)
