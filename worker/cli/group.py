"""Imports commands only when they run, and prints their errors as one line."""

from __future__ import annotations

import importlib
import os
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from traceback import extract_tb
from typing import Any, NoReturn

import click

from worker.errors import RelayError

INTERRUPTED = 130


@dataclass(frozen=True, slots=True)
class Lazy:
    """`where` is module:attribute. `summary` is shown in the group's help, for which nothing is imported."""

    where: str
    summary: str

    def load(self) -> click.Command:
        module, _, attribute = self.where.partition(":")
        command: click.Command = getattr(importlib.import_module(module), attribute)
        return command


class RelayGroup(click.Group):
    def __init__(self, *args: Any, lazy: Mapping[str, Lazy], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._lazy = lazy

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002 - click's signature
        return list(self._lazy)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002 - click's signature
        found = self._lazy.get(cmd_name)
        return found.load() if found else None

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        if args and args[0] not in self._lazy and not args[0].startswith("-"):
            raise click.exceptions.NoSuchCommand(args[0], possibilities=self._lazy, ctx=ctx)
        return super().resolve_command(ctx, args)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:  # noqa: ARG002 - click's signature
        with formatter.section("Commands"):
            formatter.write_dl([(name, lazy.summary) for name, lazy in self._lazy.items()])

    def main(self, *args: Any, **kwargs: Any) -> NoReturn:
        kwargs["standalone_mode"] = False
        try:
            code = super().main(*args, **kwargs)
        except click.exceptions.Exit as ended:
            sys.exit(ended.exit_code)
        except (click.Abort, KeyboardInterrupt):
            sys.exit(INTERRUPTED)
        except click.exceptions.NoArgsIsHelpError as asked:
            _explain(asked.format_message())
            sys.exit(asked.exit_code)
        except click.UsageError as error:
            _fail(_usage(error), error.exit_code)
        except click.ClickException as error:
            _fail(error.format_message(), error.exit_code)
        except RelayError as error:
            _fail(str(error), error.exit_code)
        except BrokenPipeError:
            # Whoever read our output has seen enough, as `relay events list | head` has.
            sys.stderr.close()
            sys.exit(1)
        except Exception as error:
            if os.environ.get("RELAY_LOG_LEVEL", "").lower() == "debug":
                raise
            first = str(error).partition("\n")[0]
            _fail(f"{type(error).__name__} at {_place(error)}: {first}; RELAY_LOG_LEVEL=debug shows more", 1)
        sys.exit(code if isinstance(code, int) else 0)


def _usage(error: click.UsageError) -> str:
    path = error.ctx.command_path if error.ctx else "relay"
    return f"{error.format_message()} Try {path} --help"


def _explain(text: str) -> None:
    from worker.cli.output import say_text

    say_text(text, err=True)


def _place(error: Exception) -> str:
    """The line of the last file that ran; of a file that can't be read as Python, the line that is wrong."""
    if isinstance(error, SyntaxError) and error.filename:
        return f"{error.filename}:{error.lineno}"
    last = extract_tb(error.__traceback__)[-1]
    return f"{last.filename}:{last.lineno}"


def _fail(line: str, code: int) -> NoReturn:
    from worker.cli.output import say
    from worker.logs.redaction import redact

    say(f"relay: {redact(line)}", err=True)
    sys.exit(code)
