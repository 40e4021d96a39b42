"""Checks a write before it is sent: its scope, and whether Upsales would keep its values."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Literal, TypeAlias

from schemas.upsales import custom_problem, problems
from worker.errors import NotPermitted, NotStorable
from worker.plan import OPT_OUT, Resource
from worker.sync.records import Json
from worker.upsales.lookups import Lookups

Verb: TypeAlias = Literal["create", "update", "unsubscribe"]
Scope: TypeAlias = Mapping[Resource, frozenset[str]]

MOST_PROBLEMS = 10


def verb_of(body: Mapping[str, Json], *, creating: bool) -> Verb:
    return "create" if creating else "unsubscribe" if OPT_OUT in body else "update"


def check_scope(scope: Scope, resource: Resource, verb: Verb) -> None:
    if verb not in scope.get(resource, frozenset()):
        raise NotPermitted(
            f"this connection may not {verb} {resource} records: its connector's `writes` doesn't list that"
        )


def check(
    scope: Scope, lookups: Callable[[], Lookups], resource: Resource, body: Mapping[str, Json], *, creating: bool
) -> None:
    """Raises Rejected, which names every problem. `lookups` is asked about custom fields that a create carries."""
    check_scope(scope, resource, verb_of(body, creating=creating))
    wrong = problems(resource, body, creating=creating)
    found = [f"{field} {text}" for field, texts in wrong.items() for text in texts]
    # An update repeats what others wrote into custom fields: it stands in Upsales already, whatever it is.
    if creating and not found and body.get("custom"):
        found = list(_custom_problems(lookups(), resource, body["custom"]))
    if found:
        more = f" … and {len(found) - MOST_PROBLEMS} more" if len(found) > MOST_PROBLEMS else ""
        raise NotStorable(f"Upsales would not keep this {resource} as it is: {'; '.join(found[:MOST_PROBLEMS])}{more}")


def _custom_problems(lookups: Lookups, resource: Resource, custom: Sequence[Json]) -> Iterator[str]:
    for entry in custom:
        definition = lookups.definition(resource, entry["fieldId"])
        if definition is None:
            yield f"custom {entry['fieldId']} is no custom field of {resource}"
        elif problem := custom_problem(definition, entry.get("value")):
            yield f"custom {definition.get('alias') or definition.get('name')} {problem}"
