"""Tells names of companies from what people write into a box that they can't leave empty."""

from __future__ import annotations

import re

NO_NAMES = """
    privat|private|privatperson|privat person|privatpersoner|private person|private individual|individual|consumer|privatkund
    privatkunde|privatkonsument|konsument|forbruker|forbruger|yksityinen|yksityishenkilö|yksityisasiakas|kuluttaja
    none|no|nope|nil|null|na|n a|nan|not applicable|not available|no company|no organization|no organisation|not relevant
    ingen|inget|inga|inte|ingenting|nej|nä|ej|ej aktuellt|inte aktuellt|ej tillämpligt|ej relevant|ej angivet|saknas|saknar|finns ej
    finns inte|finns inget|har ej|har inget|har inte|har inget företag|inget företag|ingen firma|inget bolag|ingen organisation
    nei|ikke aktuelt|ikke relevant|ingen bedrift|intet|intet firma|ingen virksomhed|har ingen|har ikke|har ikke noget
    ei|ei ole|ei mitään|ei yritystä|ei yritys|ei sovellu
    unknown|okänd|okänt|vet ej|vet inte|ukjent|ukendt|ved ikke|vet ikke|tuntematon|en tiedä|i dont know|dont know|not sure
    self employed|selfemployed|freelance|freelancer|frilans|frilansare|frilanser|egenföretagare|egen företagare|egen|eget|eget företag|own company
    mig själv|själv|jag|jag själv|me|myself|meg selv|mig selv|minä|itse
    student|studerande|elev|opiskelija|arbetslös|arbetssökande|arbetssøkende|arbejdsløs|unemployed|jobseeker|between jobs|mellan jobb|työtön
    pensionär|pensionerad|pensjonist|pensionist|retired|eläkeläinen|föräldraledig|hemma|home|hjemme|kotona
    se ovan|se nedan|se under|samma|samma som ovan|samma som tidigare|same|same as above|see above|as above|samme|samme som ovenfor
    company|company name|företag|företagsnamn|firma|bedrift|virksomhed|yritys
    ab|aktiebolag|hb|kb|as|aps|oy|ltd|inc|gmbh|enskild firma|enskild näringsidkare
"""
NOBODY = frozenset(phrase.strip() for line in NO_NAMES.splitlines() for phrase in line.split("|"))
"""What stands for no company, written as `_bare` writes."""

SPEAKER = re.compile(r"(?:jag är|ja är|är|som|i am|im|as|jeg er|olen|minä olen)(?: en| ett| an?| et)? ")
"""How people begin to say what they are."""

SPEECH = """
    vi jag du ni mig oss är har hade vill ska skulle kan behöver söker letar önskar startar inte att men eftersom
    we im ive you us are am is was have has had want wants need needs would will looking because dont not my our
    jeg dere er ønsker vil skal trenger søger søker leter ikke
    minä sinä olen olemme ovat haluan haluamme etsin etsimme tarvitsemme mutta että
"""
TALK = frozenset(SPEECH.split())
"""Words of speech. A name holds one of them now and then, hardly ever several."""

LEGAL_FORM = re.compile(
    r"\b(?:ab|aktiebolag|publ|hb|kb|ek för|ekonomisk förening|as|asa|a s|aps|i s|oy|oyj|ltd|limited|inc|llc|plc|gmbh|ag|bv|sa|corp|co)$"
)
LAST_NAMES = frozenset({"co", "sa"})
"""Legal forms that are last names as well."""
FORM_BEFORE = re.compile(r"(?:ab|aktiebolaget|handelsbolaget|oy) ")
ABBREVIATION = re.compile(r"(?:\b\w{1,5}|\bförening)\.$")
MANY_WORDS = 6
MOST_WORDS = 18
MOST_CHARACTERS = 150
FEWEST_SPOKEN = 3


def company_name(text: str | None) -> str | None:
    """The name on one line; None for what names no company: a dash, `privat`, `n/a`, an e-mail address, a sentence."""
    written = (text or "").strip()
    if "\n" in written or "@" in written or not any(char.isalpha() for char in written):
        return None
    bare = _bare(written)
    if len(bare) < 2 or not bare.strip("x ") or _nobody(bare) or _is_sentence(written, bare):
        return None
    return " ".join(written.split())


def has_legal_form(name: str) -> bool:
    """Whether a name says itself that it is a company's: `Norrbygg AB`, `AB Norrbygg`."""
    bare = _bare(name)
    form = LEGAL_FORM.search(bare)
    return " " in bare and bool((form and form[0] not in LAST_NAMES) or FORM_BEFORE.match(name.strip().casefold()))


def _bare(text: str) -> str:
    """In small letters, without punctuation: `N/A.` as `n a`, `don't` as `dont`."""
    letters = re.sub(r"['\u2019\u00b4`]", "", text.casefold())
    return " ".join(re.sub(r"[^\w]+|_+", " ", letters).split())


def _nobody(bare: str) -> bool:
    said = SPEAKER.sub("", bare, count=1) if SPEAKER.match(bare) else bare
    return bare in NOBODY or said in NOBODY


def _is_sentence(written: str, bare: str) -> bool:
    words = bare.split()
    if len(written) > MOST_CHARACTERS or len(words) > MOST_WORDS or "?" in written:
        return True
    if LEGAL_FORM.search(bare):
        return False
    if len(words) > FEWEST_SPOKEN and len(TALK.intersection(words)) > 1:
        return True
    if len(words) < MANY_WORDS:
        return len(words) >= FEWEST_SPOKEN and written.endswith((".", "!")) and bool(TALK.intersection(words))
    return written == written.lower() or (written.endswith((".", "!")) and not ABBREVIATION.search(written))
