"""Organisation numbers in cases, tests and pages are nobody's, and valid where the authors' list says so."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from stdnum.se import orgnr

from worker.sdk.mapping.contacts import NORDIC, org_number

ROOT = Path(__file__).parents[3]
LIST = (ROOT / "CONTRIBUTING.md").read_text("utf-8").partition("## Numbers that are nobody's")[2]
WRITTEN = re.findall(r"`((?:[A-Z]{2})?\d[\d-]{7,12}(?:MVA)?)`", LIST)
FOLDERS = ("docs", "schemas", "tests", "web", "worker")
PAGES = ("CHANGELOG.md", "CONTRIBUTING.md", "README.md")
KINDS = frozenset({".json", ".md", ".py", ".toml"})
GIVEN_OUT = re.compile(r"(?<!\d)(?:16|SE)?(55[69]\d{3}-?\d{4})(?:01)?(?!\d)")
"""The series of Swedish companies, https://bolagsverket.se."""


def files() -> Iterator[Path]:
    yield from (ROOT / page for page in PAGES)
    for folder in FOLDERS:
        yield from (path for path in (ROOT / folder).rglob("*") if path.suffix in KINDS)


def given_out(text: str) -> list[str]:
    return [number for number in GIVEN_OUT.findall(text) if orgnr.is_valid(number)]


@pytest.mark.parametrize("number", WRITTEN)
def test_a_number_of_the_list_is_valid(number: str) -> None:
    plain = org_number(number)
    assert any(country.is_valid(plain) for country in NORDIC)


def test_the_list_has_numbers_of_four_countries() -> None:
    assert len(WRITTEN) > 20


@pytest.mark.parametrize("written", ["{}-{}", "{}{}", "SE{}{}01", "16{}{}"])
def test_a_number_that_may_be_somebodys_is_seen(written: str) -> None:
    assert given_out(f'"{written.format("5" + "56000", "0001")}"')


def test_no_company_that_exists_is_named_by_its_number() -> None:
    found = {
        str(path.relative_to(ROOT)): numbers for path in files() if (numbers := given_out(path.read_text("utf-8")))
    }
    assert found == {}
