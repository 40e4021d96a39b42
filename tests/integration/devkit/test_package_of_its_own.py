"""A connector that another package brings: made, installed beside the relay, found, checked and sent."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.unit.devkit.scaffold.senders import captures
from worker.devkit.capture.capture import text
from worker.devkit.conformance import RULES

ENTRY_POINTS = "[upsales_relay.connectors]\nbarrier = relay_barrier:connector\n"
ROOT = Path(__file__).parents[3]
METADATA = "Metadata-Version: 2.1\nName: relay-barrier\nVersion: 0.1.0\n"


PYTEST = ("-m", "pytest", "-q", "-p", "no:cacheprovider", "-c", os.devnull)
"""Without the settings of whatever project lies above."""


@dataclass(frozen=True)
class Site:
    """A directory of packages that Python knows besides its own."""

    packages: Path
    work: Path

    def run(self, *arguments: str, code: int = 0) -> str:
        environ = {"PATH": os.environ["PATH"], "PYTHONPATH": f"{self.packages}{os.pathsep}{ROOT}"}
        done = subprocess.run(
            [sys.executable, *arguments],
            cwd=self.work,
            env=environ,
            capture_output=True,
            text=True,
            check=False,
            timeout=60,
        )
        assert done.returncode == code, done.stdout + done.stderr
        return done.stdout + done.stderr

    def relay(self, *arguments: str, code: int = 0) -> str:
        return self.run("-m", "worker.cli", *arguments, code=code)


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """With the package in it, as an installer would leave it."""
    home = tmp_path_factory.mktemp("made")
    found = Site(home / "site", home / "work")
    found.work.mkdir()
    (found.work / "lead.json").write_text(text(captures("standard")[0]), "utf-8")
    found.relay("connectors", "new", "barrier", "--from", "lead.json", "--package", str(found.packages))
    info = found.packages / "relay_barrier-0.1.0.dist-info"
    info.mkdir()
    (info / "METADATA").write_text(METADATA, "utf-8")
    (info / "entry_points.txt").write_text(ENTRY_POINTS, "utf-8")
    return home


@pytest.fixture
def site(made: Path, tmp_path: Path) -> Site:
    """A copy of each test's own."""
    shutil.copytree(made, tmp_path, dirs_exist_ok=True)
    return Site(tmp_path / "site", tmp_path / "work")


def test_entry_point_is_as_the_package_declares_it(site: Site) -> None:
    declared = (site.packages / "pyproject.toml").read_text("utf-8")
    assert '[project.entry-points."upsales_relay.connectors"]\nbarrier = "relay_barrier:connector"' in declared


def test_installed_connector_is_listed_and_checked_by_its_name(site: Site) -> None:
    assert '"name": "barrier"' in site.relay("connectors", "list", "--json")
    assert "barrier: 1 case," in site.relay("connectors", "check", "barrier")


def test_rules_are_tests_for_whoever_wants_them(site: Site) -> None:
    assert f"{len(RULES)} passed" in site.run(*PYTEST, "--pyargs", "worker.devkit.conformance.suite", "-k", "barrier")
    assert "1 passed" in site.run(*PYTEST, str(site.packages / "tests"))


def test_rule_that_is_broken_fails_these_tests(site: Site) -> None:
    module = site.packages / "relay_barrier" / "__init__.py"
    module.write_text(module.read_text("utf-8").replace('"update"', '"updaté"'), "utf-8")

    out = site.run(*PYTEST, "--pyargs", "worker.devkit.conformance.suite", "-k", "barrier", code=1)

    assert "take it out of writes, or add a case" in out
    assert f"1 failed, {len(RULES) - 1} passed" in out
    assert "update contact" in site.relay("connectors", "check", "barrier", code=1)


def test_samples_of_a_package_are_known_to_the_commands(site: Site) -> None:
    (site.work / "relay.toml").write_text('[connections.barrier]\nconnector = "barrier"\nowner = "åsa@example.com"\n')

    out = site.relay("send", "barrier", "no-such-sample", code=2)

    assert "did you mean" in out or "lead" in out


def test_unknown_connector_is_told_in_one_line(site: Site) -> None:
    out = site.relay("connectors", "check", "barriar", code=2)

    assert out == "relay: barriar is neither a connector nor a package's directory; did you mean barrier?\n"


def test_a_name_that_is_taken_is_refused(site: Site) -> None:
    out = site.relay("connectors", "new", "barrier", "--from", "lead.json", "--package", "annan", code=2)

    assert out == "relay: there is a connector barrier already; `relay connectors accept barrier --from` adds a case\n"


WITHOUT_RUFF = (
    "import os, sys; sys.modules['ruff'] = None; os.environ['PATH'] = ''; from worker.cli import main; main()"
)


def test_without_ruff_the_command_says_so(site: Site) -> None:
    out = site.run("-c", WITHOUT_RUFF, "connectors", "new", "grind", "--from", "lead.json", "--package", "relay-grind")

    assert "all well" in out
    assert f"ruff format {site.work}/relay-grind/relay_grind/__init__.py " in out
    assert "ruff could not be run here" in out
    assert "ruff could not be run here" not in site.relay(
        "connectors", "new", "skrank", "--from", "lead.json", "--package", "relay-skrank"
    )
