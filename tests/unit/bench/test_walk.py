"""The walk counts calls between rooms: through libraries and generated methods too, but no call of the sandbox or of a library."""

from __future__ import annotations

import importlib.util
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from bench.walk import Recorder, Step, room_of

Load = Callable[..., Any]


@pytest.fixture
def load(tmp_path: Path) -> Load:
    """Writes a module under `tmp_path` and imports it with some names in it."""

    def loaded(file: str, source: str, **known: Any) -> Any:
        path = tmp_path / file
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(source, "utf-8")
        spec = importlib.util.spec_from_file_location(path.stem, path)
        assert spec is not None
        assert spec.loader is not None
        module = importlib.util.module_from_spec(spec)
        vars(module).update(known)
        spec.loader.exec_module(module)
        return module

    return loaded


def steps(root: Path, call: Callable[[], object]) -> list[tuple[str | None, str, str]]:
    recorder = Recorder(root)
    with recorder.on():
        call()
    return [(step.caller, step.file, step.function) for step in recorder.steps]


@pytest.mark.parametrize(
    ("file", "room"),
    [
        ("worker/sync/fold.py", "sync"),
        ("worker/store/events/events.py", "store"),
        ("worker/plan.py", "plan"),
        ("web/receive.py", "web"),
        ("schemas/upsales/order.py", "schemas"),
    ],
)
def test_a_room_is_the_first_name_under_worker_or_a_package_beside_it(file: str, room: str) -> None:
    assert room_of(file) == room


def test_only_a_call_into_another_room_is_a_change_of_room() -> None:
    assert Step("main", "worker/sync/update.py", "worker/store/ledger/ledger.py", "hold").change == ("sync", "store")
    assert Step("main", "worker/store/db/sql.py", "worker/store/ledger/ledger.py", "hold").change is None
    assert Step("main", None, "worker/store/ledger/ledger.py", "hold").change is None


def test_the_caller_is_the_nearest_function_of_ours(tmp_path: Path, load: Load) -> None:
    store = load("worker/store/ledger.py", "def hold(_): pass")
    library = load("library.py", "def each(call): call(1)")
    sync = load("worker/sync/update.py", "def update(): each(hold)", each=library.each, hold=store.hold)
    assert steps(tmp_path, sync.update) == [
        (None, "worker/sync/update.py", "update"),
        ("worker/sync/update.py", "worker/store/ledger.py", "hold"),
    ]


def test_a_generated_method_belongs_to_the_module_of_its_class(tmp_path: Path, load: Load) -> None:
    plan = load("worker/plan.py", "class Key: exec('def __init__(self): pass')")
    sync = load("worker/sync/fold.py", "def fold(): Key()", Key=plan.Key)
    assert steps(tmp_path, sync.fold)[1:] == [("worker/sync/fold.py", "worker/plan.py", "Key.__init__")]


def test_the_sandbox_and_what_is_not_ours_are_left_out(tmp_path: Path, load: Load) -> None:
    sandbox = load("web/sandbox/api.py", "def answer(): pass")
    bench = load("bench/walk.py", "def walk(): answer()", answer=sandbox.answer)
    assert steps(tmp_path, bench.walk) == []


def test_nothing_is_noted_before_or_after(tmp_path: Path, load: Load) -> None:
    plan = load("worker/plan.py", "def keys(): pass")
    recorder = Recorder(tmp_path)
    with recorder.on():
        pass
    plan.keys()
    assert recorder.steps == []
