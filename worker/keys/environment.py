"""Reads secrets from environment variables, and from files that variables name."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from worker.errors import ConfigError
from worker.keys.fingerprints import Kind, Secret
from worker.settings.variables import (
    CREDENTIAL,
    OTHERS,
    read_secret,
    refuse_two_sources,
    refuse_undecodable,
    variables_of,
)

LOOK_AGAIN = 1.0


@dataclass(frozen=True, slots=True)
class _Read:
    looked: float
    file: tuple[int, int, int]
    text: str


class EnvironmentSecrets:
    """What the environment holds. `clock` is monotonic."""

    def __init__(self, environ: Mapping[str, str], clock: Callable[[], float] = time.monotonic) -> None:
        held = {name: value for name, value in environ.items() if CREDENTIAL.fullmatch(name) and value}
        # RELAY_ADMIN_TOKEN looks like the token of a connection.
        self._environ = {name: value for name, value in held.items() if name not in OTHERS}
        self._clock = clock
        self._files: dict[str, _Read] = {}
        self._lock = threading.Lock()

    def of(self, connection: str, kind: Kind) -> tuple[Secret, ...]:
        variable, file = variables_of(connection, kind.upper())
        refuse_two_sources(self._environ, variable, file)
        refuse_undecodable(variable, self._environ.get(variable, ""))
        if variable in self._environ:
            return _secrets(self._environ[variable], kind, Secret("", "environment"))
        if file in self._environ:
            return _secrets(self._content(file), kind, Secret("", "file"))
        return ()

    def variable(self, connection: str, kind: Kind) -> str | None:
        """The one that is set, whether or not what it says can be read."""
        return next((name for name in variables_of(connection, kind.upper()) if name in self._environ), None)

    def connections(self) -> Iterator[str]:
        """Those that have an API key here, by the name in their variable."""
        found = (CREDENTIAL.fullmatch(name) for name in self._environ)
        yield from sorted({match[1].lower() for match in found if match and match[2] == "API_KEY"})

    def look_again(self) -> None:
        """At files, whatever was read lately."""
        with self._lock:
            self._files = {name: replace(read, looked=float("-inf")) for name, read in self._files.items()}

    def _content(self, variable: str) -> str:
        path = Path(self._environ[variable])
        with self._lock:
            known = self._files.get(variable)
            now = self._clock()
            if known and now - known.looked < LOOK_AGAIN:
                return known.text
            self._files[variable] = read = _read(variable, path, known, now)
            return read.text


def _read(variable: str, path: Path, known: _Read | None, now: float) -> _Read:
    """A file that is gone, or being replaced, keeps its last content: a key is not lost by a deployment's hiccup."""
    try:
        file = _file_state(path)
        if known and file == known.file:
            return _Read(now, file, known.text)
        return _Read(now, file, read_secret(variable, path))
    except (OSError, ConfigError):
        if known is None:
            raise ConfigError(f"{variable}: {path} can't be read") from None
        return _Read(now, known.file, known.text)


def _file_state(path: Path) -> tuple[int, int, int]:
    """Another one when the file was written or replaced."""
    found = path.stat()
    return found.st_ino, found.st_size, found.st_mtime_ns


def _secrets(text: str, kind: Kind, like: Secret) -> tuple[Secret, ...]:
    """An API key is one, and so is a token; of what others say to us there can be several, separated by commas, while one is being replaced."""
    values = text.split(",") if kind in ("secret", "verify_token") else [text]
    return tuple(Secret(value.strip(), like.source) for value in values if value.strip())
