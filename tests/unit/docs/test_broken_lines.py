"""The lines that are broken by hand stand where they are said to, and so do the tests that hold them."""

from __future__ import annotations

import pytest

from tests.mutants.by_hand import BREAKS, Break
from tests.mutants.targets import ROOT, TESTS, module, targets

CONTRACT = "tests/contracts/ledger.py"


@pytest.mark.parametrize("each", BREAKS, ids=lambda each: each.promise)
class TestEachBreak:
    def test_its_line_stands_once_and_would_change(self, each: Break) -> None:
        assert (ROOT / each.file).read_text("utf-8").count(each.line) == 1
        assert each.line != each.instead

    def test_its_test_exists(self, each: Break) -> None:
        file, *_, name = each.test.split("::")
        said = (ROOT / file).read_text("utf-8") + (ROOT / CONTRACT).read_text("utf-8")
        assert f"def {name}(" in said


def test_the_tests_for_mutants_exist() -> None:
    assert [path for path in TESTS if not (ROOT / path).exists()] == []


def test_files_are_chosen_by_words_of_their_paths() -> None:
    assert [module(path) for path in targets(("sync/create", "ledger/creates"))] == [
        "worker.sync.create",
        "worker.store.ledger.creates",
    ]
    assert set(targets(("sync/create",))) < set(targets(()))
