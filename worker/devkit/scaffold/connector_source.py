"""Writes the module of a new connector: settings, mappings and the connector itself."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from worker.devkit.capture.batches import ARRAY
from worker.devkit.scaffold import thin_source
from worker.devkit.scaffold.chosen_settings import settings_class
from worker.devkit.scaffold.guess import Guess, Guesses, TypeGuess
from worker.devkit.scaffold.mapping_source import Mapped, functions, mapped
from worker.devkit.scaffold.meanings import SOMEBODY
from worker.devkit.scaffold.schema_source import Schemas
from worker.devkit.scaffold.source import STEP, call, comment, module, quoted
from worker.sdk import mapping, signatures

TOLD = frozenset({"email", "org_number", "website"})
"""By what of a person their company is known, and filled where it is empty."""

FORM = '{"Content-Type": "application/x-www-form-urlencoded"}'

OFFERED: Mapping[str, Sequence[str]] = {
    "dataclasses": ["dataclass"],
    "marshmallow": ["validate"],
    "worker.plan": ["Ignored", "Plan"],
    "worker.sdk.connector": ["Connector", "Event", "Handles", "each", "each_in"],
    "worker.sdk.mapping": mapping.__all__,
    "worker.sdk.settings": ["setting"],
    "worker.sdk.source": ["Get", "Kind", "Source", "bearer"],
    "worker.sdk.signatures": [*signatures.__all__, "senders"],
}


def connector_module(name: str, title: str, guesses: Guesses, written: Schemas, payloads: str) -> str:
    """`payloads`: what the schemas are imported as."""
    package, _, alias = payloads.rpartition(".")
    found = [] if guesses.source else mapped(guesses, written.renamed, [alias])
    classes = {event_type: f"{alias}.{of}" for event_type, of in written.classes.items()}
    declared = _connector(name, title, guesses, found, classes)
    if guesses.source:
        declared = declared.removesuffix(")\n") + thin_source.declared(guesses.source, written, alias) + ")\n"
    made = thin_source.functions(guesses.source, written) if guesses.source else functions(found)
    body = "\n\n".join([settings_class(guesses, title), *made, declared])
    things = "orders" if guesses.source and guesses.source.lines else "activities"
    first_line = f"Maps {title}'s webhooks to companies, contacts and {things}."
    return module(first_line, body, {**OFFERED, package: [alias]})


def _connector(name: str, title: str, guesses: Guesses, found: Sequence[Mapped], classes: Mapping[str, str]) -> str:
    functions_of = {each.event_type: one.name for one in found for each in one.types}
    fetch = f"{STEP * 3}fetch={thin_source.FETCH},\n" if guesses.source else ""
    stays = " It must stay the same when the sender sends the same event again."
    parts = [
        _line("name", quoted(name)),
        _line("title", quoted(title)),
        _guessed("signature", guesses.signature),
        _guessed("event_id", guesses.event_id, stays),
        _guessed("event_type", guesses.event_type),
        f"{STEP}handles={{\n",
        *(
            _handles(each, functions_of.get(each.event_type, thin_source.FUNCTION), classes[each.event_type], fetch)
            for each in guesses.types
        ),
        f"{STEP}}},\n{STEP}writes={{\n",
        *_writes(guesses),
        f"{STEP}}},\n",
        _line("settings", "Settings"),
    ]
    if guesses.split:
        parts.append(_line("split", "each" if guesses.split == ARRAY else call("each_in", quoted(guesses.split))))
    parts += [_line("body", quoted("form")), _line("sample_headers", FORM)] if guesses.is_form else []
    parts += [_line("secret_headers", f"({quoted(guesses.secret_headers[0])},)")] if guesses.secret_headers else []
    return "connector = Connector(\n" + "".join(parts) + ")\n"


def _line(name: str, code: str, indent: str = STEP) -> str:
    return f"{indent}{name}={code},\n"


def _guessed(name: str, guess: Guess, more: str = "", indent: str = STEP) -> str:
    why = guess.why if guess.why.endswith("?") else f"{guess.why}."
    return comment(f"Guessed: {why}{more}", indent) + _line(name, guess.code, indent)


def _handles(guess: TypeGuess, function: str, schema: str, fetch: str = "") -> str:
    inner, deep = STEP * 2, STEP * 3
    return (
        f"{inner}{quoted(guess.event_type)}: Handles(\n"
        f"{deep}{schema},\n"
        f"{deep}{function},\n"
        f"{_guessed('subject', guess.subject, indent=deep)}"
        f"{_guessed('time', guess.time, indent=deep)}"
        f"{fetch}"
        f"{inner}),\n"
    )


def _writes(guesses: Guesses) -> Iterator[str]:
    """What the mappings do."""
    said = [guesses.source.said.keys()] if guesses.source else [each.meanings.keys() for each in guesses.types]
    known = any(TOLD & each for each in said)
    rows = {"account": ("create", "update") if known else ("create",)}
    if any(SOMEBODY & each for each in said):
        rows["contact"] = ("create", "update")
    if guesses.source and guesses.source.lines:
        rows["order"] = ("create", "update")
    elif guesses.source or not all(each.about_person for each in guesses.types):
        rows["activity"] = ("create",)
    for name, verbs in rows.items():
        yield f"{STEP * 2}{quoted(name)}: frozenset({{{', '.join(map(quoted, verbs))}}}),\n"
