"""Saves captured requests as files of a directory, and never overwrites one."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from worker.devkit.capture.capture import Capture, text
from worker.devkit.scaffold.event_types import guess_type, type_of
from worker.devkit.scaffold.naming import function_name
from worker.devkit.scaffold.payload_paths import places


def keep(capture: Capture, directory: Path, settings: Mapping[str, Any] | None = None) -> Path:
    """Answers the file. It is called after the type that the request seems to be of."""
    directory.mkdir(parents=True, exist_ok=True)
    name, number = telling_name(capture), 1
    while True:
        path = directory / (f"{name}.json" if number == 1 else f"{name}_{number}.json")
        try:
            with path.open("x", encoding="utf-8") as file:
                file.write(text(replace(capture, name=name), settings))
        except FileExistsError:
            number += 1
        else:
            return path


def telling_name(capture: Capture) -> str:
    parts = [part for part in capture.payloads if isinstance(part, dict)]
    if not parts:
        return "captured"
    guess = guess_type([capture], [place for place in places(parts) if place.always])
    return function_name(type_of(guess, capture, parts[0])).strip("_")[:60]
