"""A connector's own module: a mapping for each type, and the connector that says where everything stands."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import takewhile

from worker.devkit.scaffold import template_source
from worker.devkit.scaffold.guess import Guess, Guesses, TypeGuess
from worker.devkit.scaffold.meanings import SOMEBODY
from worker.devkit.scaffold.naming import function_name, sentence, words
from worker.devkit.scaffold.payload_paths import Path
from worker.devkit.scaffold.schema_source import Schemas
from worker.devkit.scaffold.source import STEP, Call, Code, comment, laid_out, offered_by, quoted, with_imports
from worker.sdk import mapping, signatures

PERSON = (
    "id", "email", "first_name", "last_name", "name", "phone", "cell_phone", "title", "company", "org_number", "website",
    "street", "zipcode", "city", "country",
)  # fmt: skip
THING = ("about", "amount", "currency")
ADDED = frozenset({"website", "street", "zipcode", "city", "country"})
"""What a company is given while Upsales holds nothing there."""

FORM = {"Content-Type": "application/x-www-form-urlencoded"}


def connector_module(
    name: str, title: str, guesses: Guesses, written: Schemas, payloads: str, package: str, own: str | None
) -> str:
    alias = payloads.rpartition(".")[2]
    names = functions(guesses)
    mappings = [mapping_text(group, names[group[0].event_type], written.renamed) for group in alike(guesses)]
    declared = connector_text(name, title, guesses, {each: f"{alias}.{of}" for each, of in written.classes.items()})
    source = template_source.read("__init__.py").replace(template_source.PACKAGE, package)
    head = source[: source.index("\n\n\ndef ")].replace(template_source.TITLE, title, 1)
    body = "\n\n\n".join([head + _titles(guesses), *mappings, declared])
    offered = offered_by(head) | {
        "worker.sdk.mapping": mapping.__all__,
        "worker.sdk.signatures": [*signatures.__all__, "senders"],
    }
    offered["worker.sdk.connector"] = [*offered["worker.sdk.connector"], "each"]
    offered.pop(package, None)
    offered[payloads.rpartition(".")[0]] = [alias]
    return with_imports(body, offered, own=own)


def alike(guesses: Guesses) -> list[list[TypeGuess]]:
    """The types that say the same things in the same places: one mapping does for them."""
    groups: dict[tuple[object, ...], list[TypeGuess]] = {}
    for each in guesses.types:
        said = tuple((what, guess.path) for what, guess in each.meanings.items())
        groups.setdefault((each.about_person, said), []).append(each)
    return list(groups.values())


def functions(guesses: Guesses) -> dict[str, str]:
    """The mapping of each type."""
    names: dict[str, str] = {}
    for group in alike(guesses):
        found = function_name(_called(group), names.values())
        names |= {each.event_type: found for each in group}
    return names


def _called(group: Sequence[TypeGuess]) -> str:
    """A type's own name; of several types the words they begin with."""
    first, *others = (words(each.event_type) for each in group)
    if not others:
        return group[0].event_type
    shared = takewhile(lambda step: all(step[0] == word for word in step), zip(first, *others, strict=False))
    return " ".join(step[0] for step in shared) or f"{group[0].event_type} and others"


def _titles(guesses: Guesses) -> str:
    """What activities are called whose mapping is that of several types."""
    several = [each for group in alike(guesses) if len(group) > 1 for each in group if not each.about_person]
    lines = [f"{STEP}{quoted(each.event_type)}: {quoted(sentence(each.event_type))},\n" for each in several]
    return f"\n\nTITLES = {{\n{''.join(lines)}}}" if lines else ""


def mapping_text(group: Sequence[TypeGuess], name: str, renamed: Mapping[Path, str]) -> str:
    guess = group[0]
    person = {what: _at(guess.meanings[what], renamed) for what in PERSON if what in guess.meanings}
    thing = {what: _at(guess.meanings[what], renamed) for what in THING if what in guess.meanings}
    kind = (
        template_source.PERSON_KIND
        if guess.about_person
        else template_source.ACTIVITY_KIND
        if person
        else template_source.EVENT_KIND
    )
    calls = {"Person": Call("Person", (), person, exploded=True)} if person else {}
    if kind != template_source.PERSON_KIND:
        given = template_source.positional(kind, "activity")
        given[1] = quoted(sentence(guess.event_type)) if len(group) == 1 else "TITLES[event.type]"
        calls["activity"] = Call("activity", tuple(given), thing, exploded=bool(thing))
    return template_source.function(kind, name, calls)


def _at(guess: Guess, renamed: Mapping[Path, str]) -> Code:
    loaded = [renamed.get(guess.path[: size + 1], step) for size, step in enumerate(guess.path)]
    return Call("at", ("event.payload", quoted(".".join(loaded))))


def connector_text(name: str, title: str, guesses: Guesses, classes: Mapping[str, str]) -> str:
    parts = [
        _line("name", quoted(name)),
        _line("title", quoted(title)),
        _guessed("signature", guesses.signature),
        _guessed("event_id", guesses.event_id, " It must stay the same when the sender sends the same event again."),
        _guessed("event_type", guesses.event_type),
        f"{STEP}handles={{\n{''.join(_handles(each, functions(guesses)[each.event_type], classes) for each in guesses.types)}{STEP}}},\n",
        f"{STEP}writes={{\n{''.join(_writes(guesses))}{STEP}}},\n",
        _line("settings", "Settings"),
    ]
    parts += [_line("split", "each")] if guesses.split else []
    parts += [_line("body", quoted("form"))] if guesses.is_form else []
    parts += [_line("secret_headers", f"({quoted(guesses.secret_headers[0])},)")] if guesses.secret_headers else []
    parts += [_line("sample_headers", _table(FORM))] if guesses.is_form else []
    return "connector = Connector(\n" + "".join(parts) + ")\n"


def _line(name: str, code: Code, indent: str = STEP) -> str:
    return f"{indent}{laid_out(code, indent, f'{name}=')},\n"


def _guessed(name: str, guess: Guess, more: str = "", indent: str = STEP) -> str:
    return comment(f"Guessed: {guess.why}.{more}", indent) + _line(name, guess.code, indent)


def _handles(guess: TypeGuess, name: str, classes: Mapping[str, str]) -> str:
    inner, deep = STEP * 2, STEP * 3
    return (
        f"{inner}{quoted(guess.event_type)}: Handles(\n"
        f"{deep}{classes[guess.event_type]},\n"
        f"{deep}{name},\n"
        f"{_guessed('subject', guess.subject, indent=deep)}"
        f"{_guessed('time', guess.time, indent=deep)}"
        f"{inner}),\n"
    )


def _writes(guesses: Guesses) -> list[str]:
    """What the mappings do, as the exemplar's parts do it."""
    said = [each.meanings.keys() for each in guesses.types]
    company = any(ADDED & each for each in said)
    rows = {"account": ("create", "update") if company else ("create",)}
    if any(SOMEBODY & each for each in said):
        rows["contact"] = ("create", "update")
    if not all(each.about_person for each in guesses.types):
        rows["activity"] = ("create",)
    return [
        f"{STEP * 2}{quoted(name)}: frozenset({{{', '.join(map(quoted, verbs))}}}),\n" for name, verbs in rows.items()
    ]


def _table(table: Mapping[str, str]) -> str:
    return "{" + ", ".join(f"{quoted(name)}: {quoted(value)}" for name, value in table.items()) + "}"
