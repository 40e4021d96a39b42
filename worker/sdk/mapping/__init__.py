"""Exports the functions that connectors read requests and clean values with."""

from worker.sdk.mapping.activities import follow_up
from worker.sdk.mapping.answers import answer_line, fits, full_name, guessed, person_of
from worker.sdk.mapping.companies import Home, company, home_at, home_of, taken_in
from worker.sdk.mapping.company_names import company_name, has_legal_form
from worker.sdk.mapping.contacts import address, country_name, email, org_number, phone, region
from worker.sdk.mapping.days import day
from worker.sdk.mapping.domains import company_domain
from worker.sdk.mapping.extract import (
    chosen,
    constant,
    digest_of,
    field,
    first_of,
    header,
    joined,
    last_part,
    made_of,
    read_field,
)
from worker.sdk.mapping.files import attached
from worker.sdk.mapping.lead_answers import Answer
from worker.sdk.mapping.lead_settings import LeadSettings
from worker.sdk.mapping.leads import Lead, lead_plan
from worker.sdk.mapping.markup import readable
from worker.sdk.mapping.people import Person, contact, contacts_of_person, home_of_person
from worker.sdk.mapping.questions import asked
from worker.sdk.mapping.sales import Line, sale
from worker.sdk.mapping.text import (
    ACCOUNT_NAME,
    ARTICLE_NO,
    CONTACT_NAME,
    DESCRIPTION,
    EMAIL,
    PHONE,
    TITLE,
    WEBPAGE,
    block,
    clip,
    person_name,
    split_name,
)
from worker.sdk.mapping.values import at, filled, money, rounded, stage, summary

__all__ = [
    "ACCOUNT_NAME",
    "ARTICLE_NO",
    "CONTACT_NAME",
    "DESCRIPTION",
    "EMAIL",
    "PHONE",
    "TITLE",
    "WEBPAGE",
    "Answer",
    "Home",
    "Lead",
    "LeadSettings",
    "Line",
    "Person",
    "address",
    "answer_line",
    "asked",
    "at",
    "attached",
    "block",
    "chosen",
    "clip",
    "company",
    "company_domain",
    "company_name",
    "constant",
    "contact",
    "contacts_of_person",
    "country_name",
    "day",
    "digest_of",
    "email",
    "field",
    "filled",
    "first_of",
    "fits",
    "follow_up",
    "full_name",
    "guessed",
    "has_legal_form",
    "header",
    "home_at",
    "home_of",
    "home_of_person",
    "joined",
    "last_part",
    "lead_plan",
    "made_of",
    "money",
    "org_number",
    "person_name",
    "person_of",
    "phone",
    "read_field",
    "readable",
    "region",
    "rounded",
    "sale",
    "split_name",
    "stage",
    "summary",
    "taken_in",
]
