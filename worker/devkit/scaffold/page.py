"""A connector's page: the exemplar's, with the tables that tell its types and how its events are told apart."""

from __future__ import annotations

import re
from collections.abc import Iterator

from worker.devkit.scaffold import template_source
from worker.devkit.scaffold.guess import Guess, Guesses, TypeGuess
from worker.devkit.scaffold.meanings import SOMEBODY
from worker.devkit.scaffold.source import flat

TYPES = "| event | does |"
IDS = "| | taken from | because |"


def text(name: str, title: str, guesses: Guesses) -> str:
    page = template_source.read("README.md")
    page = re.sub(rf"\b{template_source.TITLE}\b", lambda _: title, page)
    page = re.sub(rf"\b{template_source.NAME}\b", lambda _: name, page)
    page = re.sub(
        r"/webhooks/<connection>[^`]*`, proved by .*?\. The", lambda _: f"/webhooks/{_address(guesses)}. The", page
    )
    page = _with_rows(page, TYPES, (f"| `{each.event_type}` | {', '.join(_made(each))} |" for each in guesses.types))
    return _with_rows(page, IDS, _told(guesses))


def _address(guesses: Guesses) -> str:
    if guesses.signature.shown == "the URL":
        return "<connection>/<secret>`, proved by the secret in the URL"
    return f"<connection>`, proved by the header `{guesses.signature.shown}`"


def _made(guess: TypeGuess) -> Iterator[str]:
    known = guess.meanings.keys()
    yield "company" if "company" in known else "the fallback company"
    if SOMEBODY & known:
        yield "contact"
    if not guess.about_person:
        yield "activity"


def _told(guesses: Guesses) -> Iterator[str]:
    yield _row("id", guesses.event_id)
    yield _row("type", guesses.event_type)
    for each in guesses.types:
        yield _row(f"subject of `{each.event_type}`", each.subject)
        yield _row(f"time of `{each.event_type}`", each.time)


def _row(what: str, guess: Guess) -> str:
    return f"| {what} | `{flat(guess.code)}` | {guess.why} |"


def _with_rows(page: str, head: str, rows: Iterator[str]) -> str:
    """The table with that head, its rows replaced."""
    lines = page.splitlines()
    start = lines.index(head) + 2
    end = next((number for number in range(start, len(lines)) if not lines[number].startswith("|")), len(lines))
    return "\n".join((*lines[:start], *rows, *lines[end:])) + "\n"
