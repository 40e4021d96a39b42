"""Exports the functions that connectors read requests and clean values with."""

from worker.sdk.mapping.activities import follow_up
from worker.sdk.mapping.companies import company, company_domain, company_of_domain, person_name
from worker.sdk.mapping.contacts import address, country_name, email, org_number, phone
from worker.sdk.mapping.days import day
from worker.sdk.mapping.extract import constant, digest_of, field, first_of, header, joined, last_part
from worker.sdk.mapping.people import Person, company_of_person, contacts_of_person
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
    "Person",
    "address",
    "at",
    "block",
    "clip",
    "company",
    "company_domain",
    "company_of_domain",
    "company_of_person",
    "constant",
    "contacts_of_person",
    "country_name",
    "day",
    "digest_of",
    "email",
    "field",
    "filled",
    "first_of",
    "follow_up",
    "header",
    "joined",
    "last_part",
    "money",
    "org_number",
    "person_name",
    "phone",
    "rounded",
    "split_name",
    "stage",
    "summary",
]
