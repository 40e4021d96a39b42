"""`relay connectors new` makes a working connector from captured requests."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

import click

from worker.cli.connectors_check import Checked, tell
from worker.cli.output import say, show
from worker.connectors import all_connectors
from worker.devkit.capture.anonymise import masked
from worker.devkit.capture.capture import read_capture
from worker.devkit.capture.fake_people import StandIns
from worker.devkit.conformance.paths import ROOT, in_source_tree
from worker.devkit.scaffold.answers import read_answers
from worker.devkit.scaffold.create import Made, create
from worker.devkit.scaffold.files import Home, in_package, in_tree
from worker.devkit.scaffold.guess import Guess, Guesses
from worker.devkit.scaffold.mapping_source import PERSON
from worker.devkit.scaffold.naming import module_name, sentence
from worker.errors import ConfigError

File = click.Path(path_type=Path, dir_okay=False)


@click.command()
@click.argument("name")
@click.option("--from", "files", type=File, multiple=True, required=True, help="A captured request. Can be repeated.")
@click.option(
    "--answers",
    type=File,
    multiple=True,
    help="What the sender's API answers, called after its kind: contract.json, contract.2.json. Can be repeated.",
)
@click.option(
    "--secret", "ask_secret", is_flag=True, help="Try every known scheme with the webhook's secret, which is asked for."
)
@click.option("--title", help="The sender's name, if it is not NAME.")
@click.option(
    "--package", type=click.Path(path_type=Path, file_okay=False), help="Make a package of its own in this directory."
)
@click.option("--mask-personal", is_flag=True, help="Replace real people by invented ones.")
def new(
    name: str,
    files: tuple[Path, ...],
    answers: tuple[Path, ...],
    title: str | None,
    package: Path | None,
    *,
    ask_secret: bool,
    mask_personal: bool,
) -> None:
    """Make a connector from captured requests: schemas, mappings, cases, samples and its page, all of it checked."""
    home = _home(name, package)
    sent = captures = [read_capture(file) for file in files]
    if mask_personal:
        people = StandIns()
        captures = [masked(each, people) for each in captures]
    made = create(
        name,
        title or sentence(name),
        captures,
        home,
        secret=_secret() if ask_secret else None,
        sent=sent,
        answers=read_answers(answers),
    )
    _tell(name, made, home, files)
    if made.problems:
        raise click.exceptions.Exit(1)


def _secret() -> str:
    """From the terminal, or piped in: arguments can be read by others."""
    asked = (
        click.prompt("Secret of the webhook", hide_input=True, err=True) if sys.stdin.isatty() else sys.stdin.readline()
    )
    if not asked.strip():
        raise ConfigError("--secret: nothing was given; type it, or pipe it in")
    return str(asked).strip()


def _home(name: str, package: Path | None) -> Home:
    module_name(name)
    if name in {connector.name for connector in all_connectors()}:
        raise ConfigError(f"there is a connector {name} already; `relay connectors accept {name} --from` adds a case")
    if package is not None:
        return in_package(name, package.absolute())
    if not in_source_tree():
        raise ConfigError("this is an installed relay, not its source tree: make a package with --package DIRECTORY")
    return in_tree(name, ROOT)


def _tell(name: str, made: Made, home: Home, files: Sequence[Path]) -> None:
    requests = "1 captured request" if made.cases == 1 else f"{made.cases} captured requests"
    say(f"Guessed from {requests}; correct it where it is wrong:")
    say()
    rows = [{"what": guess.what, "taken from": guess.shown, "because": guess.why} for guess in _told(made.guesses)]
    show(rows, ("what", "taken from", "because"), as_json=False)
    say()
    say("Made:")
    for path in made.files:
        shown = path.relative_to(home.root) if home.standalone else path.relative_to(ROOT)
        say(f"  {shown}{' (changed)' if path in made.changed else ''}")
    say()
    tell(Checked(name, made.cases, made.seconds, made.problems))
    say()
    say("Next:")
    for line in (*made.left_out, *_source(made.guesses), *_next(name, home), *_layout(made), *_captured(files)):
        say(f"  {line}")


def _told(guesses: Guesses) -> Iterator[Guess]:
    yield from (guesses.signature, guesses.event_id, guesses.event_type)
    for kind in guesses.source.kinds if guesses.source else ():
        yield Guess(f"fetch {kind.name}", kind.id, kind.id, kind.why)
    if (source := guesses.source) and source.lines:
        yield Guess("rows", ".".join(source.lines.path), "", "an array of objects with a price")
    if source and source.number:
        yield Guess("number", ".".join(source.number), "", "what the thing with the rows is called")
    for said in source.said.values() if source else ():
        if said.what in PERSON:
            yield said
    for each in guesses.types:
        yield Guess(each.event_type, "", "", "")
        for guess in (each.subject, each.time, *each.meanings.values()):
            yield Guess(f"  {guess.what.replace('_', ' ')}", guess.shown, guess.code, guess.why)


def _source(guesses: Guesses) -> Iterator[str]:
    """What nothing recorded can tell."""
    if guesses.source:
        made_up = "made up" if guesses.source.is_made_up else "taken from an answer"
        yield f"correct `source`: its url ({guesses.source.url}) is {made_up}, its paths and `sign` are usual ones"


def _layout(made: Made) -> Iterator[str]:
    if not made.is_laid_out:
        sources = " ".join(str(path) for path in made.files if path.suffix == ".py")
        yield f"ruff format {sources}      lays the code out: ruff could not be run here"


def _captured(files: Iterable[Path]) -> Iterator[str]:
    for folder in sorted({str(file.parent) for file in files} - {"."}):
        yield f"{folder}/ is not for the repository: keep it in .gitignore; the cases hold what is needed"


def _next(name: str, home: Home) -> Iterator[str]:
    if home.standalone:
        yield f"pip install -e {home.root}                    so that the relay finds it"
    yield f"{home.folder / '__init__.py'}      read it: each guess says why"
    where = home.root if home.standalone else name
    yield f"relay connectors check {where}"
