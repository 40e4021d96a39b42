"""Writes the mapping and the source of a connector that reads its sender's API."""

from __future__ import annotations

from collections.abc import Iterator

from worker.devkit.scaffold.answers import KindGuess, SourceGuess
from worker.devkit.scaffold.mapping_source import PERSON
from worker.devkit.scaffold.payload_paths import Path
from worker.devkit.scaffold.schema_source import Schemas
from worker.devkit.scaffold.source import STEP, call, comment, quoted

FUNCTION = "from_readings"
FETCH = "FETCH"


def functions(source: SourceGuess, written: Schemas) -> Iterator[str]:
    """The person, the mapping, and what is fetched before it."""
    person = {what: _at(source.said[what].path, written) for what in PERSON if what in source.said}
    company = next((kind for kind in source.kinds if _names_company(kind, source) and "id" in kind.things[0]), None)
    if company:
        person["company_id"] = _at((company.name, "id"), written)
    yield (
        "def person_of(event: Event) -> Person:\n"
        f"{comment('Guessed by the names of the fields and by what stood in them.', STEP)}"
        f"{STEP}return {call('Person', **person)}\n"
    )
    yield _mapping(source, written)
    yield f"{FETCH} = (\n{''.join(_gets(source))})\n"


def declared(source: SourceGuess, written: Schemas, payloads: str) -> str:
    """The connector's `source`."""
    inner, deep = STEP * 2, STEP * 3
    kinds = ""
    for kind in source.kinds:
        named = {"schema": f"{payloads}.{written.classes[kind.name]}", "get": quoted(f"/{kind.name}s/{{id}}")}
        named |= {"at": quoted(kind.at)} if kind.at else {}
        named |= {"changed": quoted(kind.changed)} if kind.changed else {}
        named |= {"secret_fields": repr(kind.secrets)} if kind.secrets else {}
        kinds += f"{deep}{quoted(kind.name)}: {call('Kind', **named)},\n"
    mend = "Correct it by the sender's page: the root, the paths, and how a request is signed; nothing recorded tells."
    return (
        f"{comment(mend, STEP)}{STEP}source=Source(\n{inner}url={quoted(source.url)},\n{inner}sign=bearer(),\n"
        f"{inner}kinds={{\n{kinds}{inner}}},\n{STEP}),\n"
    )


def _names_company(kind: KindGuess, source: SourceGuess) -> bool:
    """Whether the kind is the company itself: its name stands in the thing, and the person elsewhere."""
    named, mail = source.said.get("company"), source.said.get("email")
    return named is not None and named.path[:-1] == (kind.name,) and (mail is None or mail.path[0] != kind.name)


def _gets(source: SourceGuess) -> Iterator[str]:
    for kind in source.kinds:
        yield f"{comment(f'Guessed: {kind.why}.', STEP)}{STEP}Get({quoted(kind.name)}, id={kind.id}),\n"


def _mapping(source: SourceGuess, written: Schemas) -> str:
    phones = {"phone_region": "settings.phone_region"} if {"phone", "cell_phone"} & source.said.keys() else {}
    home = {"owner": "settings.owner", "fallback": "settings.fallback_company"}
    lines = [
        "person = person_of(event)",
        f"home = {call('home_of_person', 'person', **home)}",
        f"people = {call('contacts_of_person', 'person', 'event.subject', 'home', **phones)}",
    ]
    about = source.said.get("about")
    if about and source.lines and about.path[:-1] != source.lines.path[:-1]:
        about = None
    title = _at(about.path, written) if about else "None"
    if source.lines:
        sold = {
            "owner": "settings.owner",
            "at_stage": "settings.stage",
            "fallback_product": "settings.fallback_product",
            "contacts": "people",
        }
        sold |= {"number": _at(source.number, written)} if source.number else {}
        lines += [
            f"lines = {_lines(source, written)}",
            f"order = {call('sale', 'event', title, 'home', 'lines', **sold)}",
            'return (*home.upserts, *people, order) if order else Ignored("order without rows")',
        ]
    else:
        follow = {"owner": "settings.owner", "activity_type": "settings.activity_type"}
        follow |= {
            what: _at(source.said[what].path, written)
            for what in ("about", "amount", "currency")
            if what in source.said
        }
        lines += [
            f"activity = {call('follow_up', 'event', 'event.type', 'home', 'people', **follow)}",
            "return (*home.upserts, *people, activity)",
        ]
    answer = "Plan | Ignored" if source.lines else "Plan"
    return f"def {FUNCTION}(event: Event, settings: Settings) -> {answer}:\n" + "".join(f"{STEP}{x}\n" for x in lines)


def _lines(source: SourceGuess, written: Schemas) -> str:
    assert source.lines is not None
    named = source.lines.fields
    told = (
        f"line[{quoted(named[what])}]" if what in named else "None" for what in ("id", "article", "quantity", "price")
    )
    return f"[{call('Line', *told)} for line in {_at(source.lines.path, written)} or ()]"


def _at(path: Path, written: Schemas) -> str:
    loaded = [path[0], *(written.renamed.get(path[1 : size + 1], step) for size, step in enumerate(path[1:], 1))]
    return call("at", "event.read", quoted(".".join(loaded)))
