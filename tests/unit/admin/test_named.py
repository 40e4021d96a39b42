"""What a sender writes takes no more time than its length, and is masked however it is spelled."""

from __future__ import annotations

import time

import pytest

from worker.admin import plain
from worker.admin.named import Named


@pytest.mark.parametrize("part", ["a", "(1-", "1 ", "a@", "a@b.", "1", "(1", "å", "+1", "1/", "."])
def test_a_long_sentence_takes_no_more_than_its_length(part: str) -> None:
    """Of the processor's time, which another test's work does not change; the square of this length would take minutes."""
    began = time.process_time()

    Named(learnt=True).hidden(part * (100_000 // len(part)) + "x")

    assert time.process_time() - began < 5


@pytest.mark.parametrize("told", ["070-174 06 05", "9" * 60, "1 2 3 4 5 6 7 8 9 10 11", "anna.öst@example.com"])
def test_addresses_and_numbers_are_hidden(told: str) -> None:
    assert told not in Named(learnt=True).hidden(f"The number {told} is taken")


def test_a_long_name_is_nobodys_field_and_is_not_remembered() -> None:
    before = plain._kind_of.cache_info().currsize
    assert plain.kind_of("id" * 10_000) == "personal"
    assert plain._kind_of.cache_info().currsize == before


@pytest.mark.parametrize("learnt", [True, False])
@pytest.mark.parametrize("article", ["KAFFE-250", "7350012345678", "SKU_1"])
def test_an_article_number_stays_in_a_reason(article: str, *, learnt: bool) -> None:
    sentence = f"Upsales has no product with article number '{article}'; make it"
    named = Named(learnt=learnt)
    named.words.add("kaffe")
    assert f"product with article number '{article}'" in named.hidden(sentence)


@pytest.mark.parametrize("learnt", [True, False])
@pytest.mark.parametrize("told", ["850312-1234", "0701740605", "anna.svensson@example.com"])
def test_what_is_no_article_number_is_hidden_where_one_should_stand(told: str, *, learnt: bool) -> None:
    sentence = f"Upsales has no product with article number '{told}'; make it"
    assert told not in Named(learnt=learnt).hidden(sentence)


def test_an_article_number_that_is_somebodys_number_is_hidden() -> None:
    named = Named(learnt=True)
    named.add("passport", "AA12345")
    assert "AA12345" not in named.hidden("Upsales has no product with article number 'AA12345'")
