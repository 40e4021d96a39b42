"""A lead becomes a person, a company and an activity; spam becomes nothing."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest

from worker.plan import Ignored, Plan, Ref, Upsert, User
from worker.sdk.connector import Event
from worker.sdk.mapping import Answer, Lead, LeadSettings, lead_plan

SETTINGS = LeadSettings(owner="asa@example.com")
EVENT = Event(
    id="1", type="lead", subject="lead:1", time=datetime(2026, 12, 1, 12, tzinfo=UTC), payload={}, connection="leads"
)
LEAD = Lead(
    title="Lead: Boka en demo",
    answers=(
        Answer("Namn", "Nils Öberg"),
        Answer("Din e-post?", "nils@akeri.example", typed="email"),
        Answer("Firman", "Öbergs Åkeri AB", names=frozenset({"q7"})),
        Answer("Vad gäller det?", "Tre bilar", kind="other"),
        Answer("gcl_id", "Cj0K", kind="hidden"),
    ),
    about=(("Campaign", "Våren"),),
    remarks=(("Ja, ni får ringa", "Yes"),),
    sources=("4711", "Boka en demo", "Våren"),
)


def planned(lead: Lead = LEAD, **settings: Any) -> Plan:
    plan = lead_plan(lead, EVENT, replace(SETTINGS, **settings))
    assert not isinstance(plan, Ignored)
    return plan


def contact_of(plan: Plan) -> Upsert:
    return next(each for each in plan if each.key.resource == "contact")


def test_person_company_and_activity_are_made() -> None:
    home, who, activity = planned()
    assert home.on_create["name"] == "Öbergs Åkeri AB"
    assert (who.if_empty["firstName"], who.if_empty["lastName"], who.if_empty["email"]) == (
        "Nils",
        "Öberg",
        "nils@akeri.example",
    )
    assert (activity.key.id, activity.on_create["description"]) == ("lead:1", "Lead: Boka en demo")


def test_every_answer_can_be_read_between_campaign_and_consent() -> None:
    assert str(planned()[-1].on_create["notes"]).splitlines() == [
        "Filled in by: Nils Öberg",
        "Campaign: Våren",
        "Namn: Nils Öberg",
        "Din e-post? nils@akeri.example",
        "Firman: Öbergs Åkeri AB",
        "Vad gäller det? Tre bilar",
        "gcl_id: Cj0K",
        "Ja, ni får ringa: Yes",
    ]


def test_several_questions_may_say_the_same_in_any_case_and_with_any_blanks() -> None:
    lead = replace(LEAD, answers=(Answer(" Var  jobbar du? ", "Åkeriet", kind="other"), *LEAD.answers[1:2]))
    home, *_ = planned(lead, fields={"Where do you work?": "company", "var jobbar DU?": "company"})
    assert home.on_create["name"] == "Åkeriet"


def test_settings_come_before_the_senders_word() -> None:
    answers = (Answer("Mail", "info@akeri.example", typed="email"), Answer("Min mail", "nils@akeri.example"))
    plan = planned(replace(LEAD, answers=answers), fields={"min mail": "email"})
    assert contact_of(plan).if_empty["email"] == "nils@akeri.example"


def test_what_is_skipped_is_read_nowhere() -> None:
    assert "Tre bilar" not in str(planned(fields={"vad gäller det?": "skip"}))


def test_click_id_goes_into_a_custom_field() -> None:
    assert contact_of(planned(fields={"gcl_id": "contact.GCLID"})).set == {"custom.GCLID": "Cj0K"}


def test_free_mail_address_names_no_company() -> None:
    home, who, activity = planned(replace(LEAD, answers=(Answer("E-post", "nils.oberg@gmail.com"),)))[-3:]
    assert home.on_create["name"] == "Web forms"
    assert [each.key for each in who.placed["client"]][-1] == home.key
    assert activity.placed["client"][-1].key == home.key


def test_owner_and_campaign_are_those_of_the_nearest_source() -> None:
    home, who, activity = planned(
        owners={"boka en demo": "bo@example.com", "våren": "eva@example.com"}, campaigns={"Våren": 12}
    )
    assert activity.on_create["users"] == (User("bo@example.com"),)
    assert home.on_create["users"] == (User("bo@example.com"),)
    assert activity.on_create["project"] == Ref(12)
    assert who.if_empty["projects"] == (Ref(12),)


def test_country_tells_how_phone_numbers_are_written() -> None:
    answers = (
        Answer("E-post", "per@firma.example"),
        Answer("Telefon", "32 12 34 56"),
        Answer("Land", "Danmark", typed="country"),
    )
    assert contact_of(planned(replace(LEAD, answers=answers))).if_empty["phone"] == "+4532123456"


@pytest.mark.parametrize(
    ("settings", "rule"),
    [
        ({"required": ("email", "telefon")}, "spam: telefon is missing"),
        ({"required": ("phone",)}, "spam: phone is missing"),
        ({"honeypots": ("Q7",)}, "spam: Q7 is filled in"),
        ({"blocked_domains": ("akeri.example",)}, "spam: akeri.example is blocked"),
        ({"blocked_domains": ("example",)}, "spam: example is blocked"),
        ({"blocked_domains": ("Nils@Akeri.example",)}, "spam: Nils@Akeri.example is blocked"),
    ],
)
def test_spam_is_ignored_by_a_named_rule(settings: dict[str, Any], rule: str) -> None:
    assert lead_plan(LEAD, EVENT, replace(SETTINGS, **settings)) == Ignored(rule)


@pytest.mark.parametrize(
    "settings",
    [
        {"required": ("email", "company", "firman", "q7")},
        {"honeypots": ("website2",)},
        {"blocked_domains": ("eri.example", "bo@akeri.example")},
    ],
)
def test_what_breaks_no_rule_is_no_spam(settings: dict[str, Any]) -> None:
    assert planned(**settings) == planned()
