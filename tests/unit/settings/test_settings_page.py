"""docs/settings.md says what the code knows, and nothing else."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import fields
from pathlib import Path
from typing import Any

import pytest

from worker.settings import Delivery, Upsales, Window
from worker.settings.connections import OURS
from worker.settings.load import FALLBACK
from worker.settings.values import BODY_LIMIT, Alerts
from worker.settings.variables import KINDS, OTHERS
from worker.sync.matching import Matching

ROOT = Path(__file__).parents[3]
PAGE = (ROOT / "docs" / "settings.md").read_text("utf-8")
ROW = re.compile(r"^\| `([^`]+)` \| .+ \| (.+) \|$", re.MULTILINE)
READ = (
    re.compile(r"""environ(?:\.get\(|\[)["']([A-Z][A-Z0-9_]+)["']"""),
    re.compile(r"""\(environ, ["']([A-Z][A-Z0-9_]+)["']"""),
    re.compile(r"""^(?:VARIABLE|DIRECTORY) = ["']([A-Z][A-Z0-9_]+)["']""", re.MULTILINE),
)
PROCFILE = re.compile(r"\$\{?([A-Z][A-Z0-9_]+)")
WSGI = frozenset({"CONTENT_LENGTH", "PATH_INFO", "REQUEST_URI"})
"""What a request's environment holds."""
SYSTEMD = frozenset({"LISTEN_FDS"})
"""What systemd tells, and nobody sets."""
UNITS = ((3600, "h"), (60, "m"), (1, "s"))


def section(title: str) -> dict[str, str]:
    """Names and defaults of the table under a heading."""
    text = re.split(r"^#+ ", PAGE.partition(f" {title}\n")[2], maxsplit=1, flags=re.MULTILINE)[0]
    return dict(ROW.findall(text))


def variables_in_the_code() -> Iterator[str]:
    for folder in ("worker", "web"):
        for file in (ROOT / folder).rglob("*.py"):
            for pattern in READ:
                yield from pattern.findall(file.read_text("utf-8"))
    yield from PROCFILE.findall((ROOT / "Procfile").read_text("utf-8"))
    yield from PROCFILE.findall((ROOT / "deploy" / "start").read_text("utf-8"))
    yield from (f"{name}_FILE" for name in ("DATABASE_URL", "REDIS_URL"))
    yield from OTHERS
    for kind in KINDS:
        yield from (f"RELAY_<CONNECTION>_{kind}", f"RELAY_<CONNECTION>_{kind}_FILE")


def written(value: Any) -> str:
    """As TOML writes it."""
    if value is None:
        return "\N{EN DASH}"
    if isinstance(value, tuple):
        return "`[" + ", ".join(f'"{each if isinstance(each, str) else _window(each)}"' for each in value) + "]`"
    if isinstance(value, bool):
        return f"`{str(value).lower()}`"
    return f'`"{value}"`' if isinstance(value, str) else f"`{value:g}`" if value < 100_000 else f"`{value:.0f}`"


def _window(window: Window) -> str:
    length, unit = next(
        (length, unit) for length, unit in UNITS if window.seconds % length == 0 and window.seconds / length < 60
    )
    return f"{window.limit}/{window.seconds / length:g}{unit}"


def test_every_variable_that_is_read_is_on_the_page_and_no_other() -> None:
    assert sorted(section("Environment")) == sorted(set(variables_in_the_code()) - WSGI - SYSTEMD)


@pytest.mark.parametrize(
    ("table", "values"), [("[upsales]", Upsales()), ("[delivery]", Delivery())], ids=["upsales", "delivery"]
)
def test_every_setting_stands_there_with_its_default(table: str, values: Any) -> None:
    told = section(f"`{table}`")
    known: Mapping[str, str] = {each.name: written(getattr(values, each.name)) for each in fields(values)}
    assert told == known


def test_the_settings_of_matching_stand_there() -> None:
    told = section("`[matching]`")
    ours = Matching()
    known = {each.name: written(getattr(ours, each.name)) for each in fields(ours) if each.name != "fallbacks"}
    assert told == known | {FALLBACK: written(None)}


def test_the_settings_of_alerts_stand_there() -> None:
    ours = Alerts()
    known = {each.name: written(getattr(ours, each.name)) for each in fields(ours) if each.repr}
    assert section("`[alerts]`") == known


def test_the_settings_of_every_connection_are_there() -> None:
    told = section("`[connections.<name>]`")
    assert set(told) == set(OURS)
    assert told["body_limit"] == written(BODY_LIMIT)
