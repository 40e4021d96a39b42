"""A file that is found upwards counts only where nobody else could have put or changed it."""

from __future__ import annotations

import stat
from collections.abc import Mapping
from pathlib import Path

import pytest

from worker.errors import ConfigError
from worker.settings import load
from worker.settings.ownership import Facts, others_may_write

US, ROOT, STRANGER = 1000, 0, 1001
DIRECTORY, FILE = stat.S_IFDIR, stat.S_IFREG
HOME: Mapping[str, Facts] = {
    "/": Facts(ROOT, ROOT, DIRECTORY | 0o755),
    "/home": Facts(ROOT, ROOT, DIRECTORY | 0o755),
    "/home/åsa": Facts(US, US, DIRECTORY | 0o750),
    "/home/åsa/relay.toml": Facts(US, US, FILE | 0o644),
}
DROP: Mapping[str, Facts] = {
    "/": Facts(ROOT, ROOT, DIRECTORY | 0o755),
    "/drop": Facts(ROOT, ROOT, DIRECTORY | 0o1777),
    "/drop/relay.toml": Facts(US, US, FILE | 0o644),
    "/drop/ö": Facts(US, US, DIRECTORY | 0o700),
    "/drop/ö/relay.toml": Facts(US, US, FILE | 0o644),
}


def judged(facts: Mapping[str, Facts], file: str = "/home/åsa/relay.toml", *, alone: bool = False) -> Path | None:
    return others_may_write(Path(file), US, look=lambda path: facts[str(path)], is_alone=lambda _owner, _group: alone)


def with_facts(path: str, owner: int, mode: int) -> dict[str, Facts]:
    return {**HOME, path: Facts(owner, owner, stat.S_IFMT(HOME[path].mode) | mode)}


def test_what_is_ours_and_roots_counts() -> None:
    assert judged(HOME) is None
    assert judged(with_facts("/home/åsa/relay.toml", ROOT, 0o444)) is None


@pytest.mark.parametrize("path", HOME)
@pytest.mark.parametrize("mode", [0o777, 0o757, 0o666, 0o646, 0o602, 0o775, 0o664])
def test_what_others_may_write_counts_nowhere_on_the_way(path: str, mode: int) -> None:
    assert judged(with_facts(path, HOME[path].owner, mode)) == Path(path)


@pytest.mark.parametrize("path", HOME)
def test_what_a_stranger_owns_counts_nowhere_on_the_way(path: str) -> None:
    assert judged(with_facts(path, STRANGER, 0o700)) == Path(path)


def test_group_that_is_the_owner_alone_is_nobody_else() -> None:
    mine = {**HOME, "/home/åsa": Facts(US, US, DIRECTORY | 0o775), "/home/åsa/relay.toml": Facts(US, US, FILE | 0o664)}

    assert judged(mine, alone=True) is None
    assert judged(mine, alone=False) is not None


def test_sticky_folder_keeps_a_folder_of_ours_but_takes_files_from_anybody() -> None:
    assert judged(DROP, "/drop/ö/relay.toml") is None
    assert judged(DROP, "/drop/relay.toml") == Path("/drop")
    assert judged({**DROP, "/drop/ö": Facts(STRANGER, STRANGER, DIRECTORY | 0o755)}, "/drop/ö/relay.toml") == Path(
        "/drop/ö"
    )


def test_file_in_a_folder_for_everybody_stops_the_start_and_the_line_says_what_to_do(tmp_path: Path) -> None:
    (tmp_path / "relay.toml").write_text('[upsales]\nbase_url = "https://attacker.example/api/v2"\n')
    below = tmp_path / "a" / "å"
    below.mkdir(parents=True)
    tmp_path.chmod(0o777)

    with pytest.raises(ConfigError) as stopped:
        load({}, connectors=(), directory=below)

    assert str(stopped.value) == (
        f"{tmp_path}/relay.toml: found by looking upwards, but others may write {tmp_path};"
        f" if it is yours, say so: RELAY_CONFIG={tmp_path}/relay.toml"
    )


def test_file_that_is_named_is_taken_at_its_word(tmp_path: Path) -> None:
    file = tmp_path / "relay.toml"
    file.write_text("")
    tmp_path.chmod(0o777)

    assert load({"RELAY_CONFIG": str(file)}, connectors=(), directory=tmp_path).config == file


def test_link_counts_as_where_it_leads(tmp_path: Path) -> None:
    place = tmp_path / "för alla"
    place.mkdir()
    (place / "theirs.toml").write_text("")
    (tmp_path / "relay.toml").symlink_to(place / "theirs.toml")
    place.chmod(0o777)

    with pytest.raises(ConfigError, match=f"others may write {place}"):
        load({}, connectors=(), directory=tmp_path)


def test_database_in_a_folder_for_everybody_stops_the_start_too(tmp_path: Path) -> None:
    (tmp_path / "var").mkdir()
    (tmp_path / "var" / "relay.db").write_bytes(b"")
    (tmp_path / "var").chmod(0o777)

    with pytest.raises(ConfigError, match=r"say so: DATABASE_URL=sqlite:///.*/var/relay\.db"):
        load({}, connectors=(), directory=tmp_path)
    assert load({"DATABASE_URL": "sqlite:////tmp/å.db"}, connectors=(), directory=tmp_path).config is None
