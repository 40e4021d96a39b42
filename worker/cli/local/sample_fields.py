"""Finds the custom fields that samples of connectors write to."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping

from worker.devkit.conformance.paths import subject_of
from worker.devkit.conformance.subject import Filed
from worker.sdk.connector import Connector

PREFIX = "custom."


def custom_fields(connectors: Iterable[Connector]) -> Mapping[str, Collection[str]]:
    """Their aliases, by resource."""
    found: defaultdict[str, set[str]] = defaultdict(set)
    for connector in connectors:
        for filed in subject_of(connector).samples:
            for resource, alias in _named(filed):
                found[resource].add(alias)
    return {resource: sorted(aliases) for resource, aliases in found.items()}


def _named(filed: Filed) -> Iterable[tuple[str, str]]:
    for _, event in filed.events:
        plan = filed.usual(event)
        for upsert in plan if isinstance(plan, tuple) else ():
            written = [name for name, _ in upsert.fields]
            for name in (*written, *(match.field for match in upsert.match)):
                if name.startswith(PREFIX):
                    yield upsert.key.resource, name.removeprefix(PREFIX)
