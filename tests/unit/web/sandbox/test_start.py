"""Starting a sandbox: keys and options from outside, and errors that name what is wrong but never a key."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import click
import pytest
from click.testing import CliRunner

import web.sandbox
from web.sandbox import SandboxKey, SandboxOptions
from web.sandbox.__main__ import main, read_keys
from web.sandbox.faults import KINDS

EXPECTED = {"s3cret": SandboxKey("shop", 7), "other": SandboxKey("blå", 1)}


@pytest.mark.parametrize(
    ("text", "keys"),
    [
        ("shop=s3cret@7,blå=other", EXPECTED),
        (" shop=s3cret@7 , blå=other@1 ", EXPECTED),
        ('{"shop": {"key": "s3cret", "account": 7}, "blå": {"key": "other"}}', EXPECTED),
        ('{"shop": {"key": "s", "account_name": "Å"}}', {"s": SandboxKey("shop", 1, "Å")}),
        ("", {}),
        ("\n", {}),
    ],
)
def test_keys_are_read_as_list_or_json(text: str, keys: dict[str, SandboxKey]) -> None:
    assert read_keys(text) == keys


@pytest.mark.parametrize(
    "text", ["s3cret", "=s3cret", "shop=", "shop=s3cret@ett", '{"shop": "s3cret"}', '{"shop": ', '{"s3cret": {}}']
)
def test_bad_keys_are_refused_without_repeating_them(text: str) -> None:
    with pytest.raises(click.ClickException) as refused:
        read_keys(text)
    assert "s3cret" not in refused.value.message
    assert "keys:" in refused.value.message


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ([], "set SANDBOX_KEYS"),
        (["--faults", "--calls", "many"], "200/10"),
        (["--faults", "--phase", "full moon"], "'random'"),
    ],
)
def test_a_wrong_start_says_what_to_do(arguments: list[str], said: str) -> None:
    result = CliRunner().invoke(main, arguments, env={"SANDBOX_KEYS": ""})
    assert result.exit_code != 0
    assert said in result.output


def test_it_starts_without_loading_the_relay() -> None:
    loaded = "sorted({name.partition('.')[0] for name in sys.modules} & {'worker', 'schemas', 'sqlalchemy', 'celery'})"
    program = f"import sys, web.sandbox.__main__; print({loaded})"
    assert subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True).stdout == "[]\n"


def test_options_do_not_show_keys() -> None:
    assert "s3cret" not in repr(SandboxOptions(keys=EXPECTED))


def test_the_manual_names_every_option_and_fault() -> None:
    manual = (Path(web.sandbox.__file__).parents[2] / "docs" / "sandbox.md").read_text(encoding="utf-8")
    options = [option for parameter in main.params for option in parameter.opts]
    assert [name for name in (*options, *KINDS) if name not in manual] == []
