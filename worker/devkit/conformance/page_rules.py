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


def _loads(subject: Subject, where: str, table: dict[str, Any]) -> Iterator[Problem]:
    connector = subject.connector
    settings = {name: value for name, value in table.items() if name != "connector"}
    if table.get("connector") != connector.name:
        yield Problem(where, f"is no connection of {connector.name}", f'connector = "{connector.name}"')
    try:
        load_settings(connector.settings, settings, where)
    except ConfigError as error:
        yield Problem(where, str(error), "mend the example")


def _examples(subject: Subject, language: str) -> list[str]:
    return re.findall(rf"```{language}\n(.*?)```", subject.page or "", re.DOTALL)
