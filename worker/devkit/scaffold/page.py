"""Writes a connector's page: the exemplar's, with tables of its own."""

from __future__ import annotations

import re
from collections.abc import Iterator

from worker.devkit.scaffold.answers import SourceGuess
from worker.devkit.scaffold.chosen_settings import chosen
from worker.devkit.scaffold.guess import Guess, Guesses, TypeGuess
from worker.devkit.scaffold.meanings import SOMEBODY
from worker.devkit.scaffold.template_text import renamed

TYPES = "| event | does |"
SETTINGS = "| setting | default | |"
SAMPLE = "customer_updated"
IDS = "| | taken from | because |"


def text(name: str, title: str, guesses: Guesses, package: str, sample: str = "") -> str:
    """`sample`: the name of a case that can be explained."""
    needed = [each.name for each in chosen(guesses, title) if each.default is None and each.name != "owner"]
    owner = 'owner = "asa.oberg@example.com"\n'
    more = "".join(f'{each} = "ÖVRIGT"\n' for each in needed)
    page = re.sub(
        r"/webhooks/<connection>[^`]*`, proved by .*?\. The",
        lambda _: f"/webhooks/{_address(guesses)}. The",
        renamed("README.md", name, title, package).replace(owner, owner + more).replace(SAMPLE, sample or SAMPLE),
    )
    page = _with_rows(
        page, TYPES, (f"| `{each.event_type}` | {', '.join(_made(each, guesses.source))} |" for each in guesses.types)
    )
    page = _as_read(page, guesses.source, name) if guesses.source else page
    settings = (f"| `{each.name}` | {each.shown} | {each.doc} |" for each in chosen(guesses, title))
    return _with_rows(_with_rows(page, SETTINGS, settings), IDS, _told(guesses))


def _as_read(page: str, source: SourceGuess, name: str) -> str:
    """What a sender's page says more whose API is read."""
    variable = f"export RELAY_{name.upper().replace('-', '_')}_"
    what = ", ".join(f"{kind.name}" for kind in source.kinds)
    read = f"\n\nA webhook tells an id. What it is about ({what}) is read of the API at `{source.url}`; its token is the value of `RELAY_<CONNECTION>_TOKEN`."
    made = {
        "People become contacts of companies; what happened becomes an activity to follow up.": (
            "People become contacts of companies; what has rows becomes an order."
        ),
        "An activity is made once and left to people then.": (
            "The sender decides the rows of an order; its stage and its description are left to people."
        ),
    }
    page = page.replace("`RELAY_<CONNECTION>_SECRET`.", f"`RELAY_<CONNECTION>_SECRET`.{read}", 1)
    page = page.replace(f"{variable}SECRET=…\n", f"{variable}SECRET=…\n{variable}TOKEN=…\n")
    for old, new in made.items() if source.lines else ():
        assert old in page
        page = page.replace(old, new)
    return page


def _address(guesses: Guesses) -> str:
    if guesses.signature.shown == "the URL":
        return "<connection>/<secret>`, proved by the secret in the URL"
    return f"<connection>`, proved by the header `{guesses.signature.shown}`"


def _made(guess: TypeGuess, source: SourceGuess | None) -> Iterator[str]:
    known = source.said.keys() if source else guess.meanings.keys()
    yield "company" if "company" in known else "the fallback company"
    if SOMEBODY & known:
        yield "contact"
    if source and source.lines:
        yield "order"
    elif source or not guess.about_person:
        yield "activity"


def _told(guesses: Guesses) -> Iterator[str]:
    yield _row("id", guesses.event_id)
    yield _row("type", guesses.event_type)
    for each in guesses.types:
        yield _row(f"subject of `{each.event_type}`", each.subject)
        yield _row(f"time of `{each.event_type}`", each.time)


def _row(what: str, guess: Guess) -> str:
    return f"| {what} | `{guess.code}` | {guess.why} |"


def _with_rows(page: str, head: str, rows: Iterator[str]) -> str:
    """The table with that head, its rows replaced."""
    lines = page.splitlines()
    start = lines.index(head) + 2
    end = next((number for number in range(start, len(lines)) if not lines[number].startswith("|")), len(lines))
    return "\n".join((*lines[:start], *rows, *lines[end:])) + "\n"
