"""Checks that a connector's page names its settings and types, and its examples work."""

from __future__ import annotations

import json
import re
import tomllib
from collections.abc import Iterator
from dataclasses import fields
from typing import Any

from worker.devkit.conformance.problem import Problem
from worker.devkit.conformance.subject import Subject
from worker.errors import ConfigError
from worker.sdk.connector import Handles
from worker.sdk.route import rule_for, schema_of
from worker.sdk.settings import describe, load_settings


def settings_say_what_they_are_for(subject: Subject) -> Iterator[Problem]:
    for each in describe(subject.connector.settings):
        if not each.doc:
            yield Problem(each.name, "the setting does not say what it is for", "setting(…, doc='…')")


def there_is_a_page(subject: Subject) -> Iterator[Problem]:
    if subject.needs_page and subject.page is None:
        yield Problem(subject.connector.name, "no page documents it", "write docs/connectors/NAME.md, or README.md")


def page_names_every_type_and_setting(subject: Subject) -> Iterator[Problem]:
    connector = subject.connector
    names = [*connector.handles, *sorted(connector.ignores), *(each.name for each in fields(connector.settings))]
    for name in names if subject.page is not None else ():
        if f"`{name}`" not in (subject.page or ""):
            yield Problem("page", f"does not name `{name}`", "say what it does")


def settings_on_the_page_can_be_loaded(subject: Subject) -> Iterator[Problem]:
    for example in _examples(subject, "toml"):
        try:
            tables = tomllib.loads(example).get("connections", {})
        except tomllib.TOMLDecodeError as error:
            yield Problem("page", f"an example is no TOML: {error}", "mend the example")
            continue
        for name, table in tables.items():
            yield from _loads(subject, f"page, [connections.{name}]", table)


def events_on_the_page_are_understood(subject: Subject) -> Iterator[Problem]:
    """Examples that name their type, as events of our own format do."""
    for example in _examples(subject, "json"):
        document = json.loads(example)
        if not isinstance(document, dict) or "type" not in document:
            continue
        rule = rule_for(subject.connector, str(document["type"]))
        errors = schema_of(rule).validate(document) if isinstance(rule, Handles) else rule or "no such type"
        if errors:
            yield Problem(f"page, {document['type']}", str(errors), "mend the example")


def page_shows_a_connection_with_its_variables(subject: Subject) -> Iterator[Problem]:
    """Whoever sets it up copies them: the table, the key, the secret, the address."""
    if subject.page is None:
        return
    tables = [
        name
        for example in _examples(subject, "toml")
        for name in re.findall(r"^\[connections\.([\w-]+)\]", example, re.MULTILINE)
    ]
    if not tables:
        yield Problem("page", "shows no connection", f"add an example: [connections.{subject.connector.name}]")
        return
    own = tables[0].upper().replace("-", "_")
    # Who is listened to posts nothing.
    posts = subject.connector.stream is None
    wanted = [f"RELAY_{own}_API_KEY", *([f"RELAY_{own}_SECRET"] if posts else [])]
    given = [
        name
        for example in _examples(subject, "sh")
        for name in re.findall(r"^export (RELAY_\w+)=", example, re.MULTILINE)
    ]
    for name in (each for each in wanted if each not in given):
        yield Problem("page", f"its example sets no {name}", f"add `export {name}=…` in a block of sh")
    if posts and f"https://<your host>/webhooks/{tables[0]}" not in subject.page:
        yield Problem(
            "page", "doesn't say where the sender posts to", f"write https://<your host>/webhooks/{tables[0]}"
        )


def page_tells_the_defaults_that_there_are(subject: Subject) -> Iterator[Problem]:
    if subject.page is None or "## Settings\n" not in subject.page:
        return
    table = subject.page.partition("## Settings\n")[2].partition("\n## ")[0]
    for each in describe(subject.connector.settings):
        row = re.search(rf"^\| [^|]*`{re.escape(each.name)}`[^|]*\| ([^|]*)\|", table, re.MULTILINE)
        told = row[1] if row else ""
        shown = _shown(each)
        if shown is not None and shown not in told:
            yield Problem(
                f"page, {each.name}",
                f"its default is {shown}, and the page says {told.strip() or 'nothing'}",
                "mend the table",
            )


def _shown(setting: Any) -> str | None:
    if setting.required:
        return "*needed*"
    if setting.default in (None, {}, ()):
        return None
    return f"`{str(setting.default).lower() if isinstance(setting.default, bool) else setting.default}`"


def page_names_every_rule_that_ignores(subject: Subject) -> Iterator[Problem]:
    """A person who looks for an event finds there why nothing came of it."""
    rules = {str(outcome["ignored"]) for filed in subject.cases for outcome in filed.outcomes if "ignored" in outcome}
    told = {rule for filed in subject.cases for rule in _of_answers(filed)}
    for rule in sorted(rules - told - {"no rule for type"}):
        if subject.page is not None and not rule.startswith("ignores ") and f"`{rule}`" not in subject.page:
            yield Problem("page", f"does not name the rule `{rule}` by which a case is ignored", "say when that is")


def _of_answers(filed: Any) -> Iterator[str]:
    """What a recorded answer that is no thing says of itself."""
    return (f"answered {answer.status}" for answer in filed.case.answers.values())


def _loads(subject: Subject, where: str, table: dict[str, Any]) -> Iterator[Problem]:
    connector = subject.connector
    settings = {name: value for name, value in table.items() if name not in ("connector", "route")}
    if table.get("connector") != connector.name:
        yield Problem(where, f"is no connection of {connector.name}", f'connector = "{connector.name}"')
    try:
        load_settings(connector.settings, settings, where)
    except ConfigError as error:
        yield Problem(where, str(error), "mend the example")


def _examples(subject: Subject, language: str) -> list[str]:
    return re.findall(rf"```{language}\n(.*?)```", subject.page or "", re.DOTALL)
