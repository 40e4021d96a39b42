"""Lists the words that ask for a person's name, company, e-mail address and the like."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal, TypeAlias

Asked: TypeAlias = Literal[
    "email", "name", "first_name", "last_name", "phone", "title", "company", "org_number", "website"
]

WORDS: Mapping[Asked, str] = {
    "first_name": "first name|firstname|given name|forename|förnamn|tilltalsnamn|fornavn|etunimi|etunimesi",
    "last_name": "last name|lastname|surname|family name|efternamn|etternavn|efternavn|sukunimi|sukunimesi",
    "name": """
        name|full name|fullname|first and last name|first name and last name|first name last name|name and surname|contact name
        contact person|namn|hela namn|fullständigt namn|fullständiga namn|för and efternamn|förnamn and efternamn
        förnamn efternamn|namn and efternamn|kontaktperson|kontaktnamn|navn|fullt navn|fulde navn|for and etternavn|fornavn and etternavn
        for and efternavn|fornavn and efternavn|navn and efternavn|kontaktnavn|nimi|nimesi|koko nimi|koko nimesi
        etu and sukunimi|etunimi and sukunimi|yhteyshenkilö""",
    "company": """
        company|company name|companys name|name of company|business|business name|organization|organisation|organization name|organisation name
        employer|employers name|företag|företaget|företagsnamn|företagets namn|bolag|bolaget|bolagsnamn|bolagets namn|firma|firman
        firmanamn|firmans namn|organisationen|organisationsnamn|organisationens namn|arbetsgivare|arbetsgivarens namn|arbetsplats
        firmaet|firmanavn|firmaets navn|virksomhed|virksomheden|virksomhedsnavn|virksomhedens navn|virksomhet|virksomheten
        virksomhetsnavn|virksomhetens navn|selskap|selskapet|selskapsnavn|selskapets navn|selskab|selskabet|selskabsnavn|selskabets navn
        bedrift|bedriften|bedriftsnavn|bedriftens navn|organisasjon|organisasjonens navn|arbeidsgiver|arbejdsgiver|arbeidsplass
        arbejdsplads|yritys|yrityksesi|yrityksen nimi|yrityksesi nimi|työnantaja|työnantajasi|organisaatio|organisaation nimi""",
    "title": """
        job title|jobtitle|title|position|job position|role|job role|titel|befattning|yrkestitel|arbetstitel|jobbtitel|roll|yrkesroll
        arbetsroll|stilling|stillingstittel|stillingsbetegnelse|tittel|jobbtittel|jobtitel|rolle|tehtävänimike|tehtävänimikkeesi
        titteli|tittelisi|rooli|roolisi""",
    "email": """
        email|e mail|mail|mail address|email address|e mail address|email id|work email|work email address|business email
        business email address|company email|company email address|epost|e post|epostadress|e postadress|mejl|mejladress|mailadress
        emailadress|jobbmejl|jobbmail|arbetsmejl|arbetsmail|mailadresse|emailadresse|epostadresse|arbeidsepost|jobbepost
        sähköposti|sähköpostisi|sähköpostiosoite|sähköpostiosoitteesi""",
    "phone": """
        phone|phone number|phone no|telephone|telephone number|mobile|mobile number|mobile phone|mobile phone number|cell|cell phone
        cell phone number|cell number|cellphone|cellphone number|work phone|work phone number|contact number|tel|tel nr|telnr|tel no
        telefon|telefonnummer|telefonnr|telefon nr|mobil|mobilnummer|mobilnr|mobil nr|mobiltelefon|mobiltelefonnummer|tlf|tlfnr
        tlf nr|tlf nummer|puhelin|puhelimesi|puhelinnumero|puhelinnumerosi|matkapuhelin|matkapuhelinnumero|matkapuhelinnumerosi""",
    "org_number": """
        organization number|organisation number|company number|company registration number|registration number|vat|vat number|vat no
        vat id|organisationsnummer|organisationsnr|orgnummer|org nummer|orgnr|org nr|org no|företagets organisationsnummer
        företagets orgnummer|bolagets organisationsnummer|momsregistreringsnummer|momsnummer|vatnummer|organisasjonsnummer|cvr
        cvrnummer|cvr nummer|cvrnr|cvr nr|ytunnus|y tunnus""",
    "website": """
        website|web site|webpage|web page|homepage|website url|website address|company website|company web site|companys website
        company url|webbplats|webbsida|webbadress|hemsida|hemsidan|hemsideadress|företagets hemsida|företagets webbplats
        företagets webbsida|bolagets hemsida|nettside|nettsted|hjemmeside|firmaets hjemmeside|virksomhedens hjemmeside
        bedriftens nettside|verkkosivu|verkkosivut|kotisivu|kotisivut""",
}
"""What a question may consist of, as `_bare` writes it, in English, Swedish, Norwegian, Danish and Finnish."""

MEANING: Mapping[str, Asked] = {
    word.strip(): what
    for what, words in WORDS.items()
    for line in words.splitlines()
    for word in line.split("|")
    if word.strip()
}

FIRMS = r"(?:företag|bolag|organisation|firma|virksomhed|virksomhet|selskap|selskab|bedrift|organisasjon)"
WORK = (
    r"(?:jobbar|arbetar|jobber|arbeider|arbejder|representerar|representerer|repræsenterer|företräder|kommer|tillhör)"
)
WITH = r"(?:på|för|hos|från|i|åt|for|fra|ved)"
FIRM_OF = r"(?:ditt|din|ert|er|eran|dit|dere|deres|jeres)? ?(?:företag|bolag|firma|arbetsgivare|virksomhed|virksomhet|selskap|bedrift)"
FIRM = r"(?:företaget|bolaget|firman|firmaet|organisationen|virksomheden|virksomheten|selskapet|selskabet|bedriften)"

PHRASES: tuple[tuple[Asked, str], ...] = (
    ("name", r"vad heter du|hva heter du|hvad hedder du|mikä sinun nimesi on"),
    ("name", r"(?:what (?:should|can|may|do) we call you|vad (?:får|kan|ska) vi kalla dig)"),
    ("name", r"vad heter du i för and efternamn|hva heter du til for and etternavn"),
    ("first_name", r"vad heter du i förnamn|hva heter du til fornavn|hvad hedder du til fornavn"),
    ("last_name", r"vad heter du i efternamn|hva heter du til etternavn|hvad hedder du til efternavn"),
    ("company", rf"(?:vad heter|hva heter|hvad hedder) (?:{FIRM_OF}|{FIRM})(?: (?:som )?du {WORK} {WITH})?"),
    ("company", rf"(?:på|för|hos|från|for|fra|i)? ?(?:vilket|vilken|hvilket|hvilken) {FIRMS} {WORK} (?:du|ni)(?: {WITH})?"),
    ("company", r"(?:name of|namn på|namnet på|navn på|navnet på) (?:your |the |ditt |ert |dit )?(?:company|organization|organisation|företag|företaget|bolag|bolaget|firma|firmaet|selskap|virksomhed|virksomhet|bedrift)"),
    (
        "company",
        r"(?:which|what) (?:company|organization|organisation|business) (?:do you (?:work for|work at|work with|represent)|are you (?:from|with|representing|working for|working at))",
    ),
    ("company", r"who is your employer|who do you work for|vem är din arbetsgivare|vem arbetar du för|mitä yritystä edustat"),
    ("title", r"(?:vilken|vad har du för|hvilken) (?:roll|befattning|titel|position|stilling|rolle)(?: har du)?"),
    ("title", r"(?:what|which) (?:role|position|job title|title) do you have"),
    ("title", r"(?:vad (?:jobbar|arbetar) du som|hva jobber du som|hvad arbejder du som)"),
    ("phone", r"(?:på )?vilket (?:telefonnummer|mobilnummer|nummer) (?:har du|når vi dig(?: på)?|kan vi nå dig(?: på)?)"),
    ("phone", r"(?:what|which) (?:phone )?number can we (?:reach|call) you (?:on|at)"),
    ("email", r"(?:vilken|hvilken) (?:epostadress|mejladress|mailadress|epostadresse|mailadresse) har du"),
)  # fmt: skip
"""Whole questions that hold no word of `WORDS` by itself."""
