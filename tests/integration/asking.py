"""Gives `relay` commands in this process: starting another one for each costs a second of computing."""

from __future__ import annotations

from collections.abc import Mapping

from click.testing import CliRunner, Result

from worker.cli import relay
from worker.cli.context import Installation


def asked(environ: Mapping[str, str], *arguments: str, answer: str | None = None) -> Result:
    """With nothing of the environment but `environ`."""
    installation = Installation(environ)
    result = CliRunner().invoke(relay, arguments, input=answer, obj=installation)
    for part in ("runtime", "opened_store"):
        if part in installation.__dict__:
            getattr(installation, part).close()
    assert result.exception is None or isinstance(result.exception, SystemExit), result.output
    return result
