"""A person and readable lines come of questions and answers."""

from __future__ import annotations

import pytest

from worker.sdk.mapping import Person, answer_line, guessed, person_of


@pytest.mark.parametrize(
    ("question", "answer", "what"),
    [
        ("Företag", "Åkeri AB", "company"),
        ("Företag", "-", None),
        ("Företag", "Vi är två vänner som vill starta något eget.", None),
        ("Telefon", "070-174 06 05", "phone"),
        ("Telefon", "nej tack", None),
        ("Telefon", "helst på kvällen, 0701740605, efter klockan sex", None),
        ("E-post", "bo@a.example", "email"),
        ("E-post", "det har jag inte", None),
        ("Namn", "Åsa Öberg", "name"),
        ("Namn", "12", None),
        ("Namn", "nej", None),
        ("Namn", "Åsa\nÖberg", None),
        ("Hemsida", "akeri.example", "website"),
        ("Hemsida", "Har ingen.", None),
        ("Organisationsnummer", "vet ej", None),
        ("Vad vill du veta?", "Åkeri AB", None),
    ],
)
def test_answer_counts_where_it_can_be_what_was_asked_for(question: str, answer: str, what: str | None) -> None:
    assert guessed(question, answer) == what


@pytest.mark.parametrize(
    ("question", "answer", "line"),
    [
        ("Budget", "50 000", "Budget: 50 000"),
        ("Vad heter du?", "Åsa", "Vad heter du? Åsa"),
        ("Namn:", "Åsa", "Namn: Åsa"),
        ("Önskemål", "ett\ntvå", "Önskemål:\nett\ntvå"),
        ("", "ja", "ja"),
    ],
)
def test_line_reads_well(question: str, answer: str, line: str) -> None:
    assert answer_line(question, answer) == line


@pytest.mark.parametrize(
    ("said", "names"),
    [
        ({"name": "Lena", "last_name": "Ek"}, ("Lena", "Ek", "")),
        ({"name": "Lena Ek", "last_name": "Ek"}, ("", "", "Lena Ek")),
        ({"name": "lena ek", "last_name": "Ek"}, ("", "", "lena ek")),
        ({"name": "Ek", "first_name": "Lena"}, ("Lena", "Ek", "")),
        ({"name": "Anna Lena Ek", "first_name": "Lena"}, ("", "", "Anna Lena Ek")),
        ({"name": "Lena Ek", "first_name": "Lena", "last_name": "Ek"}, ("Lena", "Ek", "Lena Ek")),
        ({"name": "Lena Ek"}, ("", "", "Lena Ek")),
        ({"last_name": "Ek"}, ("", "Ek", "")),
    ],
)
def test_name_beside_a_last_name_is_the_first_name(said: dict[str, str], names: tuple[str, str, str]) -> None:
    person = person_of(said)
    assert (person.first_name, person.last_name, person.name) == names


def test_person_is_what_was_said() -> None:
    said = {
        "email": "lena@ek.example",
        "name": "Lena Ek",
        "phone": "070-174 06 05",
        "title": "VD",
        "company": "Eks Bygg",
        "org_number": "599999-0012",
        "website": "ek.example",
    }
    assert person_of(said) == Person(**said, first_name="", last_name="")


@pytest.mark.parametrize(("field", "text"), [("company", "privat"), ("website", "finns inte"), ("website", "-")])
def test_words_for_nothing_tell_nothing(field: str, text: str) -> None:
    assert getattr(person_of({field: text}), field) is None
