"""A search fits into a URL, however long and foreign a name is."""

from __future__ import annotations

from urllib.parse import urlencode

import pytest

from worker.plan import Match
from worker.upsales.filters import any_of, queries, spellings

LONGEST = 8_000
"""Bytes of a URL that every proxy takes."""


@pytest.mark.parametrize("letter", ["a", "Å", "株", "\U0001f600"])
def test_every_spelling_is_asked_for_in_urls_that_proxies_take(letter: str) -> None:
    name = letter * 100
    matches = [
        Match("orgNo", "5999990007"),
        Match("webpage", "akeri.example"),
        Match("name", name),
        Match("legalName", name),
    ]

    asked = [*any_of(matches), *queries(matches[-1], queried=False)]

    assert max(len(urlencode(query)) for query in asked) < LONGEST
    told = "".join(value for query in any_of(matches) for _, value in query)
    assert all(spelling in told for match in matches for spelling in spellings(match))


def test_an_everyday_company_is_one_search() -> None:
    matches = [
        Match("orgNo", "5999990007"),
        Match("webpage", "akeri.example"),
        Match("name", "Åkeri & Söner i Östersund AB"),
    ]

    assert len(any_of(matches)) == 1
