"""Files with secrets in them that others on the machine can read."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from worker.cli.local.demo_setup import FILE
from worker.cli.secret_files import open_to_others
from worker.settings import Settings


@pytest.fixture
def place() -> Iterator[Path]:
    """A directory that everybody may enter, and in it every file that matters, closed."""
    with tempfile.TemporaryDirectory() as name:
        place = Path(name).resolve()
        place.chmod(0o755)
        for file in ("nyckel", "relay.toml", FILE, "relay.db", "relay.db-wal"):
            (place / file).touch()
            (place / file).chmod(0o600)
        yield place


def found(place: Path) -> list[str]:
    environ = {"RELAY_BUTIK_API_KEY_FILE": f"{place}/nyckel", "RELAY_BUTIK_SECRET_FILE": f"{place}/none"}
    settings = Settings(config=place / "relay.toml", database_url=f"sqlite:///{place}/relay.db?timeout=5")
    return [path.name for path in open_to_others(environ, settings)]


def test_what_only_its_owner_reads_is_as_it_should_be(place: Path) -> None:
    assert found(place) == []


@pytest.mark.parametrize("mode", [0o640, 0o604], ids=["group", "everybody"])
@pytest.mark.parametrize("name", ["nyckel", "relay.toml", FILE, "relay.db", "relay.db-wal"])
def test_what_others_read_is_named(place: Path, name: str, mode: int) -> None:
    (place / name).chmod(mode)

    assert found(place) == [name]


def test_settings_without_made_up_keys_beside_them_may_be_read(place: Path) -> None:
    (place / FILE).unlink()
    (place / "relay.toml").chmod(0o644)

    assert found(place) == []


def test_a_directory_that_nobody_else_enters_is_enough(place: Path) -> None:
    (place / "nyckel").chmod(0o644)
    place.chmod(0o700)

    assert found(place) == []


def test_what_a_command_writes_is_its_owners() -> None:
    program = "from worker import cli; cli.relay = lambda **_: None; cli.main(); import os; print(oct(os.umask(0)))"
    environ = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    shown = subprocess.run([sys.executable, "-c", program], env=environ, capture_output=True, text=True, check=True)

    assert shown.stdout == "0o77\n"
