"""What the receiver's server is told, wherever it is started."""

from __future__ import annotations

import resource
from pathlib import Path

from worker.cli.local import processes, receiver
from worker.settings import Settings

PROCFILE = Path(__file__).parents[4] / "Procfile"


def option(name: str) -> str:
    command = receiver.command("127.0.0.1", 8000)
    return command[command.index(name) + 1]


def test_it_speaks_http_1_only_and_waits_five_seconds_for_a_head() -> None:
    told = {name: option(name) for name in ("--http", "--http1-header-read-timeout", "--http1-buffer-size")}

    assert told == {"--http": "1", "--http1-header-read-timeout": "5000", "--http1-buffer-size": "32768"}


def test_it_leaves_files_for_the_database_beside_its_connections() -> None:
    soft, _ = resource.getrlimit(resource.RLIMIT_NOFILE)

    assert int(option("--backpressure")) == min(receiver.CONNECTIONS, soft - receiver.SPARE_FILES)


def test_up_and_the_procfile_start_the_same() -> None:
    started = processes.web(Settings(port=8000)).command

    assert list(started) == list(receiver.command("127.0.0.1", 8000))
    assert "web: exec relay serve --host 0.0.0.0\n" in PROCFILE.read_text("utf-8")
