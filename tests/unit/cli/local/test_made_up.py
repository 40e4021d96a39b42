"""Keys that are made up for the sandbox, where nobody set any."""

from __future__ import annotations

from pathlib import Path

import pytest

from worker.cli.context import Installation
from worker.cli.local import lockfile, sandbox_trial
from worker.cli.local.lockfile import Running
from worker.errors import ConfigError
from worker.keys import Keys
from worker.settings import Settings, load

CONFIG = """
[connections.butik]
connector = "shopify"
owner = "asa.oberg@example.com"
fallback_product = "ÖVRIGT"
[connections.eget]
connector = "generic"
"""


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    (tmp_path / "relay.toml").write_text(CONFIG, "utf-8")
    return load({"RELAY_CONFIG": str(tmp_path / "relay.toml")})


def made_up(settings: Settings, **environ: str) -> dict[str, str]:
    return dict(sandbox_trial.draw(settings, Keys(environ, None)))


def test_what_is_missing_is_made_up_once(settings: Settings, tmp_path: Path) -> None:
    first = made_up(settings)
    names = [f"RELAY_{name}_{kind}" for name in ("BUTIK", "EGET") for kind in ("API_KEY", "SECRET")]
    assert sorted(first) == sorted([*names, "RELAY_BUTIK_TOKEN"]), "a shop is read, and our own format is nobody's API"
    assert len(set(first.values())) == 5
    assert made_up(settings) == first
    (file,) = tmp_path.rglob(sandbox_trial.FILE)
    assert file.stat().st_mode & 0o077 == 0


def test_what_is_set_is_left_alone(settings: Settings) -> None:
    environ = {"RELAY_BUTIK_API_KEY": "en-nyckel-4711", "RELAY_EGET_SECRET": "en-hemlighet-4711"}
    assert sorted(made_up(settings, **environ)) == ["RELAY_BUTIK_SECRET", "RELAY_BUTIK_TOKEN", "RELAY_EGET_API_KEY"]


def test_they_count_only_while_a_sandbox_runs(settings: Settings) -> None:
    """Never would Upsales get one."""
    drawn, directory = made_up(settings), lockfile.directory_of(settings)
    credentials = Installation({"RELAY_CONFIG": str(settings.config)}).credentials
    assert not drawn.keys() & credentials.keys()
    for sandbox in (False, True):
        with lockfile.only_one(directory):
            lockfile.note(directory, Running(1, "http://127.0.0.1:8000", "http://127.0.0.1:8001", None, sandbox))
            found = Installation({"RELAY_CONFIG": str(settings.config), "RELAY_BUTIK_SECRET": "min"}).credentials
            assert found.get("RELAY_EGET_API_KEY") == (drawn["RELAY_EGET_API_KEY"] if sandbox else None)
            assert found["RELAY_BUTIK_SECRET"] == "min"


def test_a_file_that_can_not_be_read_says_what_to_do(settings: Settings, tmp_path: Path) -> None:
    made_up(settings)
    (file,) = tmp_path.rglob(sandbox_trial.FILE)
    file.write_text("[", "utf-8")
    with pytest.raises(ConfigError, match="delete it, and start `relay up --sandbox` again"):
        made_up(settings)
