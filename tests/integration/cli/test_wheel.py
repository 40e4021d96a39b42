"""The wheel, installed where no checkout is: its demo, its cases and its rules."""

from __future__ import annotations

import os
import subprocess
import sys
import sysconfig
import venv
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.integration.cli.told_by_demo import assert_every_sample_got_through
from worker.cli.local.network import free_port
from worker.connectors import OURS

ROOT = Path(__file__).parents[3]


def run(*command: str | Path, cwd: Path, code: int = 0, environ: Mapping[str, str] | None = None) -> str:
    done = subprocess.run(
        list(map(str, command)),
        cwd=cwd,
        env={"PATH": os.environ["PATH"], **(environ or {})},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == code, done.stdout + done.stderr
    return done.stdout + done.stderr


@dataclass(frozen=True)
class Environment:
    """A virtual environment, and an empty directory to work in."""

    home: Path
    work: Path

    @property
    def python(self) -> Path:
        return self.home / "bin" / "python"

    def relay(self, *arguments: str, code: int = 0, environ: Mapping[str, str] | None = None) -> str:
        return run(self.home / "bin" / "relay", *arguments, cwd=self.work, code=code, environ=environ)


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Environment:
    """With the wheel in it; it borrows the packages that the relay needs, but not what makes the checkout importable."""
    found = Environment(tmp_path_factory.mktemp("environment"), tmp_path_factory.mktemp("work"))
    run(sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", found.home / "dist", cwd=ROOT)
    (wheel,) = (found.home / "dist").iterdir()
    venv.create(found.home, symlinks=True)
    pip = (sys.executable, "-m", "pip", "--python", found.python, "install", "--quiet", "--disable-pip-version-check")
    run(*pip, "--no-compile", "--no-deps", "--no-index", wheel, cwd=found.work)
    own = Path(
        run(found.python, "-c", "import sysconfig; print(sysconfig.get_path('purelib'))", cwd=found.work).strip()
    )
    (own / "borrowed.pth").write_text(f"{sysconfig.get_path('purelib')}\n", "utf-8")
    return found


def test_relay_is_the_installed_one(installed: Environment) -> None:
    """A path from a .pth file brings no .pth files of its own, so no other installation of the relay is seen."""
    told = run(
        installed.python,
        "-c",
        "import schemas.wire, sys, web.receive, worker; print(worker.__file__, schemas.wire.__file__, *sys.path, sep='\\n')",
        cwd=installed.work,
    ).splitlines()

    assert Path(told[0]).is_relative_to(installed.home)
    assert Path(told[1]).is_relative_to(installed.home)
    assert str(ROOT) not in told


def test_demo_runs_from_an_empty_directory(installed: Environment) -> None:
    ports = {name: str(free_port()) for name in ("PORT", "FLOWER_PORT", "RELAY_SANDBOX_PORT", "CONSOLE_PORT")}

    out = installed.relay("demo", "--once", environ=ports)

    assert_every_sample_got_through(out, OURS)


def test_cases_and_rules_came_with_it(installed: Environment) -> None:
    out = installed.relay("connectors", "check")

    assert out.count("all well") == len(OURS)


def test_cases_of_an_installed_relay_are_not_changed(installed: Environment) -> None:
    out = installed.relay("connectors", "accept", "generic", code=2)

    assert out == "relay: generic belongs to the installed relay: change its cases in the source tree\n"


def test_connector_is_made_as_a_package_only(installed: Environment) -> None:
    (installed.work / "sent.json").write_text('{"now": "2026-03-02T08:15:06Z", "body": {"id": "Ö-1"}}', "utf-8")

    out = installed.relay("connectors", "new", "parking", "--from", "sent.json", code=2)

    assert out.startswith("relay: this is an installed relay, not its source tree: make a package")
