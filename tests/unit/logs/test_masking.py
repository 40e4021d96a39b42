"""What may tell of a person is masked, what helps whoever is on call stays."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from worker.logs.masking import LONGEST_ID, LONGEST_REASON, id_shown, reason_shown
from worker.logs.vocabulary import IDS, REASONS


@pytest.mark.parametrize(
    "identifier",
    [
        "order:4711",
        "customer:7012345678901",
        "gid://shopify/Order/5123456789001",
        "deal:143553137:9001",
        "order:O-2026-17",
        "account:K-17",
        "evt_1NG8Du2eZvKYlo2C0aBcDeFg",
        "3fa85f64-5717-4562-b3fc-2c963f66afa6",
        "01KDM5V4Y0J8W3Q6Z9X2C7B1NM",
        "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
    ],
)
def test_an_id_that_a_machine_made_is_shown(identifier: str) -> None:
    assert id_shown(identifier) == identifier


@pytest.mark.parametrize(
    ("identifier", "shown"),
    [
        ("contact:anna.svensson@example.com", "contact:…"),
        ("contact:anna%40example.com", "contact:…"),
        ("contact:Anna Svensson", "contact:…"),
        ("contact:åsa", "contact:…"),
        ("anna85", "…85"),
        ("85anna", "85…"),
        ("customer:850412-1234", "customer:…"),
        ("customer:198504121234", "customer:…"),
        ("customer:8504721234", "customer:…"),
        ("customer:12048512345", "customer:…"),
        ("contact:+46 70 123 45 67", "contact:…"),
        ("contact:0701234567", "contact:…"),
        ("contact:070.123.45.67", "contact:…"),
        ("contact:070/123 45 67", "contact:…"),
        ("contact:(070)1234567", "contact:(…"),
        ("contact:46701234567", "contact:…"),
        ("Anna\nSvensson 17", "… 17"),
    ],
)
def test_what_may_be_a_person_is_not(identifier: str, shown: str) -> None:
    assert id_shown(identifier) == shown


@pytest.mark.parametrize(
    "reason",
    [
        "its worker stopped 5 times without an outcome",
        "the key's call windows are full",
        "its worker is being stopped: another one goes on",
        "Upsales does not accept the API key (GET /self)",
        "its record was deleted in Upsales by a person",
        "nothing of it was left to write",
        "no rule for type",
        "order without lines",
    ],
)
def test_a_reason_in_our_own_words_is_shown(reason: str) -> None:
    assert reason_shown(reason) == reason


@pytest.mark.parametrize(
    ("reason", "shown"),
    [
        (
            "no active user in Upsales has the e-mail address 'anna@example.com'; did you mean bo@example.com?",
            "no active user in Upsales has the e-mail address '…'; did you mean …?",
        ),
        (
            "Upsales answered 400 to POST /orders: No user named Anna Svensson (ValidationError)",
            "Upsales answered 400 to POST /orders: No user named … (ValidationError)",
        ),
        ("links to account 'Annas Bageri', which is not in Upsales", "links to account '…', which is not in Upsales"),
        ("contact anna has no address", "contact … has no address"),
        ("customer 8504121234 has the name of order 4711", "customer … has the name of order …"),
        ("phone '+46 70 321 45 67' is no number", "phone '…' is no number"),
        ("400: 070-321 45 67 is not unique", "400: … is not …"),
    ],
)
def test_what_a_sender_wrote_is_not(reason: str, shown: str) -> None:
    assert reason_shown(reason) == shown


@given(st.text())
def test_of_any_reason_only_listed_words_and_short_numbers_stay(text: str) -> None:
    shown = reason_shown(text)
    words = "".join(char if char.isalnum() else " " for char in shown).split()
    assert {word for word in words if word not in REASONS and not word.endswith("Error")} <= {
        word for word in words if len(word) <= 3 and (word.isdecimal() or word in "aes")
    }
    assert len(shown) <= LONGEST_REASON
    assert "\n" not in shown


@given(st.text())
def test_of_any_id_nothing_with_an_at_sign_stays(text: str) -> None:
    shown = id_shown(f"{text}@example.com")
    assert "@" not in shown
    assert len(shown) <= LONGEST_ID


def test_no_listed_word_is_a_name() -> None:
    names = {"anna", "erik", "karl", "may", "mark", "rose", "will", "art", "bo", "li", "per", "rest", "sale", "stig"}
    assert not names & {word.casefold() for word in REASONS | IDS}
