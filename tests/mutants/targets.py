"""Names the files that are broken, and the tests that should notice."""

from __future__ import annotations

from pathlib import Path

ROOT = Path(__file__).parents[2]
FOLDERS = ("worker/sync", "worker/store/ledger", "worker/store/lanes", "worker/upsales/budget")
TESTS = (
    "tests/unit/sync",
    "tests/unit/delivery/test_retry.py",
    "tests/integration/store/lanes",
    "tests/integration/store/ledger",
    "tests/integration/store/events",
    "tests/integration/upsales/budget/test_windows.py",
    "tests/integration/upsales/budget/test_history.py",
    "tests/integration/upsales/budget/test_snapshot.py",
)
"""They run in one process. Of the store's tests those on SQLite do."""


def targets(chosen: tuple[str, ...]) -> list[Path]:
    """The files, or those of them whose path holds one of the chosen words."""
    files = [path for folder in FOLDERS for path in sorted((ROOT / folder).glob("*.py"))]
    return [path for path in files if not chosen or any(word in str(path.relative_to(ROOT)) for word in chosen)]


def module(path: Path) -> str:
    """The name under which a file is imported."""
    parts = path.relative_to(ROOT).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)
