"""Cuts text visibly to the lengths that Upsales keeps, and names into their parts."""

from __future__ import annotations

from schemas.upsales.fields import utf16_length

ACCOUNT_NAME = 100
CONTACT_NAME = 50
EMAIL = 128
PHONE = 30
TITLE = 128
WEBPAGE = 100
DESCRIPTION = 100
ARTICLE_NO = 100
NOTES = 10_000

ELLIPSIS = "…"
PARTICLES = frozenset({"af", "av", "da", "de", "del", "den", "der", "di", "du", "la", "le", "ten", "van", "von", "zu"})


def clip(text: str, length: int) -> str:
    """The text on one line, cut between words when it is too long."""
    return _cut(" ".join(text.split()), length)


def block(text: str, length: int = NOTES) -> str:
    """Text of several lines; blank lines at its ends go."""
    return _cut("\n".join(line.rstrip() for line in text.splitlines()).strip(), length)


def split_name(name: str) -> tuple[str, str]:
    """First and last name: the last word with the particles before it (`von`, `de`, …), or what stands before a comma."""
    last, comma, first = name.partition(",")
    if comma:
        return " ".join(first.split()), " ".join(last.split())
    words = name.split()
    start = len(words) - 1
    while start > 1 and words[start - 1].lower() in PARTICLES:
        start -= 1
    return (" ".join(words[:start]), " ".join(words[start:])) if start > 0 else (name.strip(), "")


def person_name(first: str | None, last: str | None, whole: str | None = None) -> tuple[str, str]:
    """First and last name, from its parts or else from the whole."""
    return (first or "", last or "") if first or last else split_name(whole or "")


def _cut(text: str, length: int) -> str:
    if utf16_length(text) <= length:
        return text
    head = text[: length - 1]
    while utf16_length(head) >= length:
        head = head[:-1]
    whole_words = head.rpartition(" ")[0] if not text[len(head)].isspace() else head
    # A word longer than half the room is cut itself: better part of it than nearly nothing.
    kept = whole_words if len(whole_words) * 2 >= length else head
    return kept.rstrip(" \n,;:.-") + ELLIPSIS
