"""Shows times, numbers, spans and lines over time as the pages write them."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any, Final
from zoneinfo import ZoneInfo

from flask import g
from markupsafe import Markup, escape

THIN = "\u202f"
UTC_NAME = "UTC"
NONE = "\N{EN DASH}"
COMMAND: Final = re.compile(r"(?:[;,] (?:see |or |then |or now with )?| \()`relay [^`]*`[^;,()]*\)?")
"""What a reason says of the command line: `; see `relay review list``."""
UNITS = ((86400, "d"), (3600, "h"), (60, "min"))


def number(value: float | None) -> str:
    """None is not known, and never nought."""
    return "unknown" if value is None else f"{value:,}".replace(",", THIN)


def zone() -> ZoneInfo:
    person = g.get("person")
    name = person.session.zone if person is not None and person.session is not None else UTC_NAME
    try:
        return ZoneInfo(name)
    except (ValueError, OSError, KeyError):
        return ZoneInfo(UTC_NAME)


def when(value: datetime | None, *, exact: bool = False) -> Markup:
    """UTC first; behind it the time of the reader's zone, if that is another."""
    if value is None:
        return escape(NONE)
    at = value.astimezone(UTC)
    local = at.astimezone(zone())
    shown = f"{at:%m-%d %H:%M:%S}Z" if not exact else f"{at:%Y-%m-%d %H:%M:%S.%f}"[:-3] + "Z"
    here = "" if local.utcoffset() == at.utcoffset() else f" · {local:%H:%M:%S}"
    stamp = at.isoformat(timespec="milliseconds").replace("+00:00", "Z")
    return Markup('<time datetime="{}">{}{}</time>').format(stamp, shown, here)


def span(seconds: float | None) -> str:
    """In words to the minute: `1 d 2 h`, `15 min`, `4 s`."""
    if seconds is None:
        return "unknown"
    if seconds < 60:
        return f"{seconds:.1f} s" if seconds < 10 and seconds != int(seconds) else f"{int(seconds)} s"
    left, parts = int(seconds), []
    for size, unit in UNITS:
        if left >= size:
            parts.append(f"{left // size} {unit}")
            left %= size
    return " ".join(parts[:2])


def age(value: datetime) -> str:
    """For how long it has been so. Clocks of two machines may differ a little."""
    return span(max(int((made() - value).total_seconds()), 0))


def without_commands(text: str) -> str:
    """A reason without what to type in a shell: the page has a form or a link for it."""
    return COMMAND.sub("", text)


def as_json(value: Any) -> str:
    """As people read it: letters as letters."""
    return json.dumps(value, ensure_ascii=False)


def spark(values: Sequence[float | None], title: str, limit: float | None = None) -> Markup:
    """A line over time. None is a gap: not known is not nought. The title says the numbers."""
    width, height = 160, 28
    known = [value for value in values if value is not None]
    high = max([*known, limit or 0, 1])
    step = width / max(len(values) - 1, 1)

    def y(value: float) -> float:
        return round(height - 2 - (height - 4) * value / high, 1)

    runs: list[list[str]] = [[]]
    for place, value in enumerate(values):
        if value is None:
            runs.append([])
        else:
            runs[-1].append(f"{round(place * step, 1)},{y(value)}")
    lines = "".join(
        f'<polyline class="line" points="{" ".join(run * (2 if len(run) == 1 else 1))}"/>' for run in runs if run
    )
    top = "" if limit is None else f'<line class="limit" x1="0" x2="{width}" y1="{y(limit)}" y2="{y(limit)}"/>'
    picture = (
        f'<svg class="spark" role="img" viewBox="0 0 {width} {height}"><title>{escape(title)}</title>{top}{lines}</svg>'
    )
    return Markup(picture)  # noqa: S704 - numbers, and one escaped title


def made() -> datetime:
    return datetime.now(UTC)


def theme() -> str:
    """`light`, `dark`, or empty: as the browser says."""
    person = g.get("person")
    return person.session.theme if person is not None and person.session is not None else ""
