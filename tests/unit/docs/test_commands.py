"""The documentation names only commands of `relay` that there are, with options that they have."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from pathlib import Path

import click
import pytest

from worker.cli import relay

ROOT = Path(__file__).parents[3]
PAGES = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *sorted((ROOT / "docs").rglob("*.md"))]
FENCED = re.compile(r"^ *```(\w*)\n(.*?)^ *```", re.MULTILINE | re.DOTALL)
SHELL = ("", "sh", "console")
IN_BACKTICKS = re.compile(r"`([^`\n]+)`")
CALLED = re.compile(r"(?:^|\s)(?:\.venv/)?(?:bin/)?relay ((?:--?)?[a-z][^#|;)]*)")


def said(page: Path) -> Iterator[str]:
    """What stands behind `relay` in code, a call at a time."""
    text = page.read_text("utf-8")
    lines = [line for kind, block in FENCED.findall(text) if kind in SHELL for line in block.splitlines()]
    for code in (*lines, *IN_BACKTICKS.findall(FENCED.sub("", text))):
        yield from (found.strip() for found in CALLED.findall(code))


def fault(words: Sequence[str]) -> str | None:
    """What is wrong with a call, by the words after `relay`."""
    command: click.Command = relay
    with click.Context(relay) as context:
        rest = list(words)
        while isinstance(command, click.Group) and rest and not rest[0].startswith("-"):
            found = command.get_command(context, name := rest.pop(0))
            if found is None:
                return f"there is no command {name}"
            command = found
        known = {name for parameter in command.params for name in (*parameter.opts, *parameter.secondary_opts)}
        known |= {"--help", "-h"}
        options = [word.partition("=")[0] for word in rest if re.match(r"--?[a-z]", word)]
    return next((f"{command.name} has no {option}" for option in options if option not in known), None)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_a_page_names_commands_that_there_are(page: Path) -> None:
    assert [(call, wrong) for call in said(page) if (wrong := fault(call.split()))] == []


def test_calls_are_found_in_code_and_their_faults_are_told() -> None:
    assert len([call for page in PAGES for call in said(page)]) > 100
    assert fault(["made", "--since", "1h"]) is None
    assert fault(["mde"]) == "there is no command mde"
    assert fault(["events", "lst"]) == "there is no command lst"
    assert fault(["events", "list", "--nix"]) == "list has no --nix"
