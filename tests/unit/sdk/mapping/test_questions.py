"""What a question asks for: only where the whole question is known."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from worker.sdk.mapping import asked

KNOWN = {
    "name": """
        Namn|NAMN *|Namn:|Ditt namn|Ditt namn?|Vad heter du?|vad heter du|Hej! Vad heter du?|Först och främst, vad heter du?|Vad är ditt namn?
        För- och efternamn|Förnamn och efternamn|Förnamn & efternamn|Ditt för- och efternamn|Vad är ditt för- och efternamn?|Skriv ditt namn
        Förnamn, efternamn|Kontaktperson|Name|Your name|What's your name?|What\u2019s your *full name*?|Full name (required)|First & last name
        Hi there! What is your name?|May we have your name?|Please enter your name|Navn|Hva heter du?|Hvad hedder du?|Hvad er dit navn?
        Fornavn og etternavn|For- og efternavn|Nimi|Mikä on nimesi?|Etu- ja sukunimi|Koko nimi|Name / Namn
        What's your name? We'd like to know who we talk to.""",
    "first_name": "First name|And your first name?|What's your *first name*?|Förnamn|Ditt förnamn|Vad är ditt förnamn?|Fornavn|Etunimi|Vad heter du i förnamn?",
    "last_name": "And your last name?|Surname|Efternamn|Och ditt efternamn?|Etternavn|Efternavn|Sukunimi|Ditt efternamn:",
    "company": """
        Company|Company name|Company:|Your company|Which company do you work for?|What company are you from?|What's your company's name?
        What is the name of your company?|Name of your company|Organization|Employer|Company (optional)|Företag|Företagsnamn|Företagets namn
        Företag/organisation|Företag eller organisation|Ert företag|Vad heter ditt företag?|Vad heter företaget du jobbar på?|Vad heter företaget?
        Vilket företag arbetar du på?|På vilket företag jobbar du?|Vilket företag representerar du?|Vad är ditt företagsnamn?
        Namnet på ditt företag|Arbetsgivare|Vem är din arbetsgivare?|Bolag|Firma|Företag - valfritt|Organisation|Arbetsplats
        Virksomhed|Virksomhedens navn|Hvilken virksomhed arbejder du i?|Selskap|Firmanavn|Bedrift|Arbeidsgiver|Yritys|Yrityksen nimi|Työnantaja
        Ange ert företag|Tack! Vilket företag jobbar du på?""",
    "title": """
        Job title|What is your job title?|Your role|What's your role at the company?|Role|Titel|Befattning|Roll|Din roll|Vad är din roll?
        Vilken roll har du?|Vilken roll har du på företaget?|Roll på företaget|Yrkestitel|Stilling|Hva er din stilling?|Rolle|Tehtävänimike
        Vad jobbar du som?""",
    "email": """
        Email|E-mail|E-mail address|Your work email?|What's your email address?|Email:|E-post|E-postadress|Din e-post|Vad är din e-postadress?
        Mejl|Mejladress|Mail|E-post (vi delar den aldrig)|Thanks! What's your email?|Email address to reach you at|Epost|E-postadresse|Mailadresse
        Sähköposti|Sähköpostiosoite|Mikä on sähköpostiosoitteesi?|Vilken e-postadress har du?""",
    "phone": """
        Phone|Phone number?|Your phone number|Mobile|Cell phone|Tel.|Telefon|Telefonnummer|Tel.nr|Mobil|Mobilnummer|Ditt telefonnummer
        Vad är ditt mobilnummer?|På vilket nummer når vi dig?|Telefon/mobil|Tlf.|Telefonnummer (valgfritt)|Puhelin|Puhelinnumero
        What is the best phone number to reach you?""",
    "org_number": "Organisationsnummer|Org.nr|Org nr|Org. nr.|Orgnr|Ert organisationsnummer|Organisasjonsnummer|CVR|CVR-nummer|Y-tunnus|VAT number|Företagets organisationsnummer",
    "website": "Website|Web site|Your website|What's your website?|Hemsida|Er hemsida|Webbplats|Nettside|Hjemmeside|Verkkosivu|Company website|Webbplats/hemsida",
}


def questions() -> list[tuple[str, str]]:
    return [
        (question.strip(), what)
        for what, lines in KNOWN.items()
        for line in lines.splitlines()
        for question in line.split("|")
        if question.strip()
    ]


@pytest.mark.parametrize(("question", "what"), questions())
def test_known_question(question: str, what: str) -> None:
    assert asked(question) == what


@pytest.mark.parametrize(
    "question",
    [
        "", "?", "*",
        "Vad kan vi hjälpa ditt företag med?", "Hur stort är ditt företag?", "Beskriv ditt företag", "Företagets storlek",
        "Which email tool do you use?", "How did you hear about our company?", "Does your company have a website?", "Company size",
        "What does your company do?", "Tell us about your role and your company", "Name your biggest challenge", "Username",
        "Projektets namn", "Namn på projektet", "Your pet's name", "Product name", "Barnets namn", "Din chefs namn", "Namn på din hund",
        "Hur många telefoner har ni?", "Telefonsystem", "Vilken telefonväxel använder ni?", "Mobile app?", "When can we phone you?",
        "Namn, företag och telefon", "Name / Company", "Name and company", "Vad heter du och vad heter ditt företag?", "Företag, roll",
        "Bransch, företag", "Vad säljer ni, och vad är din roll?", "What is your name? And your company?",
        "Vad heter du? Vad heter ditt företag?", "Vilken titel har boken?", "Faktura-e-post", "E-post till ekonomiavdelningen",
        "Hur ser du på din roll i framtiden?", "Får vi ringa dig på mobilen?", "Vilken roll spelar priset?", "Var jobbar du?", "Vem är du?",
    ],
)  # fmt: skip
def test_other_question(question: str) -> None:
    assert asked(question) is None


@given(st.text())
def test_any_text_is_read(text: str) -> None:
    assert asked(text) in {None, *KNOWN}
