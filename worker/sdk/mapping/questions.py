"""Guesses what a question of a form or a booking page asks about a person."""

from __future__ import annotations

import re
from collections.abc import Iterator

from worker.sdk.mapping.question_words import MEANING, PHRASES, Asked

BEGUN = re.compile(r"(?:(?:and|please|kindly|also|so|then|snälla|vänligen|vennligst|venligst) )+")
ASKING = re.compile(
    r"""(?:what(?:\ is|s|\ are)|whats|may\ (?:we|i)\ (?:have|ask|know)|(?:can|could)\ (?:we|i)\ (?:have|get)|tell\ us|give\ us|let\ us\ know
    |enter|type(?:\ in)?|write|fill\ in|provide|share|add|state|confirm
    |vad\ är|vilket\ är|ange|skriv(?:\ in|\ här)?|fyll\ i|uppge|lämna|berätta|dela|bekräfta
    |hva\ er|hvad\ er|oppgi|angi|angiv|opgiv|indtast|skriv\ inn|skriv\ ind|fyll\ inn|udfyld
    |mikä\ on|mitkä\ ovat|anna|kirjoita|syötä|täytä)\ """,
    re.VERBOSE,
)
WHOSE = re.compile(
    r"(?:your|the|ditt|din|dina|ert|er|era|eran|dit|deres|jeres|sinun|teidän) (?:best |direct |own |preferred )?"
)
AT_WORK = re.compile(
    r" (?:at|in|within|with|på|i|inom|hos|ved) (?:(?:your|the|ditt|ert|din|er) )?"
    r"(?:work|job|company|organization|organisation|business|jobbet|företaget|företag|bolaget|organisationen|organisation|firman|bedriften|virksomheten|virksomheden)"
)
TO_REACH = re.compile(r" (?:to|where we can) (?:reach|contact|call) you(?: at| on)?")
OPTIONAL = re.compile(
    r" (?:optional|required|mandatory|if any|if applicable|valfritt|frivilligt|frivillig|obligatoriskt|obligatorisk"
    r"|om du har|valgfritt|valgfri|vapaaehtoinen|pakollinen)"
)
BRACKETS = re.compile(r"\([^()]*\)|\[[^\[\]]*\]")
SENTENCES = re.compile(r"(?<=[.!?])\s+|\n+|,\s+")
ALTERNATIVES = re.compile(r"\s*/\s*| (?:or|eller|tai) ")
MOST_CHARACTERS = 300


def asked(question: str) -> Asked | None:
    """What is asked for. None unless the whole question is that.

    `Company` and `What's your company?` ask for one, `How big is your company?` does not.
    A greeting or a hint beside the question is passed over (`Thanks! What's your name?`); a second question is not.
    """
    parts = [part for part in SENTENCES.split(BRACKETS.sub(" ", question[:MOST_CHARACTERS])) if _bare(part)]
    if len(parts) == 1:
        return _one(parts[0])
    whole = _one(" ".join(parts))
    if whole:
        return whole
    known = [(number, what) for number, part in enumerate(parts) if (what := _one(part)) and _is_phrased(part)]
    if len(known) != 1:
        return None
    number, what = known[0]
    others = parts[:number] + parts[number + 1 :]
    second = any(other.rstrip().endswith("?") or _one(other) for other in others)
    return None if second or (number and BEGUN.match(f"{_bare(parts[number])} ")) else what


def _one(question: str) -> Asked | None:
    """What one sentence asks for; of alternatives (`Company / organisation`), if all mean the same."""
    meanings = {_meaning(_bare(part)) for part in ALTERNATIVES.split(question)}
    return meanings.pop() if len(meanings) == 1 else _meaning(_bare(question))


def _meaning(bare: str) -> Asked | None:
    for form in _forms(bare):
        if what := MEANING.get(form):
            return what
        if what := next((what for what, phrase in PHRASES if re.fullmatch(phrase, form)), None):
            return what
    return None


def _forms(bare: str) -> Iterator[str]:
    """The question itself, then with less and less around what it asks for."""
    yield bare
    core = re.sub(rf"(?:{OPTIONAL.pattern})+$", "", bare)
    for around in (BEGUN, ASKING, WHOSE):
        yield core
        core = around.sub("", core, count=1) if around.match(core) else core
    yield core
    for after in (TO_REACH, AT_WORK):
        if (found := after.search(core)) and found.end() == len(core):
            yield core[: found.start()]


def _is_phrased(sentence: str) -> bool:
    """Whether it is more than the bare word."""
    return _bare(sentence) not in MEANING


def _bare(text: str) -> str:
    """In small letters, without punctuation; `and` in every language."""
    letters = re.sub(r"['\u2019\u00b4`*_-]|(?<=\w)\.(?=\w)", "", text.casefold())
    words = re.sub(r"[^\w&+]+", " ", letters).split()
    return " ".join("and" if word in ("&", "+", "och", "og", "ja") else word for word in words)
