"""Counts the companies of an account that matching without legal forms would take as one."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Literal

from worker.cli.context import Installation
from worker.cli.doctor.facts import Facts
from worker.cli.doctor.findings import Finding, not_checked
from worker.errors import RelayError
from worker.sync.legal_forms import taken_as_one
from worker.upsales import Upsales

MOST = 100_000
"""Companies that are read, a thousand a call."""
SHOWN = 5


def matching(installation: Installation, facts: Facts) -> Iterator[Finding]:
    """One finding for each account, whichever connection it is asked through. Upsales is only read."""
    lacks = [name for name, part in (("database", facts.database), ("Redis", facts.redis)) if not part.reached]
    if lacks:
        yield not_checked("[matching] name", f"the companies are counted only with {' and '.join(lacks)}")
        return
    seen: set[int] = set()
    for connection in (each.connection for each in facts.connections if each.key and each.asked):
        what = f"{connection.name}: [matching] name"
        try:
            bound = installation.runtime.binding.of(connection)
            if bound.account not in seen:
                yield _counted(what, bound.upsales, installation.settings.matching.name)
        except RelayError as error:
            yield not_checked(what, f"the companies could not be read: {error}")
        else:
            seen.add(bound.account)


def _counted(what: str, upsales: Upsales, used: Literal["exact", "legal_form"]) -> Finding:
    companies = list(upsales.every("account", MOST))
    groups = taken_as_one(companies)
    of = f"of {'the first ' if len(companies) >= MOST else ''}{len(companies)} companies"
    if not groups:
        return Finding(what, "fine", f"no two {of} differ in their legal form only")
    count = sum(map(len, groups))
    verb = "takes" if used == "legal_form" else "would take"
    says = f'"legal_form" {verb} {count} {of} as {len(groups)}; look at {_examples(groups)}'
    return Finding(what, "look", says)


def _examples(groups: Sequence[frozenset[int]]) -> str:
    """By their ids: a company's name may be a person's."""
    shown = [" and ".join(map(str, sorted(group)[:SHOWN])) for group in groups[:SHOWN]]
    return ", ".join(shown) + (" …" if len(groups) > SHOWN else "")
