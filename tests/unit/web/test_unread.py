"""What is accepted gives up on a peer that takes nothing."""

from __future__ import annotations

import fcntl
import socket
import subprocess
import sys
from pathlib import Path

from web.listeners import OPEN_FILES
from web.unread import limit_silence


def test_who_is_accepted_has_so_many_seconds_to_take_something() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        assert limit_silence(7) >= 1

        with socket.create_connection(listening.getsockname()) as peer, listening.accept()[0] as accepted:
            assert accepted.getsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT) == 7000
            accepted.sendall(b"hej")
            assert peer.recv(3) == b"hej"


def test_no_file_is_left_open() -> None:
    with socket.create_server(("127.0.0.1", 0)):
        before = len(list(OPEN_FILES.iterdir()))

        limit_silence()

        assert len(list(OPEN_FILES.iterdir())) == before


def test_locks_on_files_are_kept(tmp_path: Path) -> None:
    """SQLite's among them: without its lock the next process empties the index of the log that this one reads."""
    ask = "import fcntl, sys; fcntl.lockf(open(sys.argv[1], 'r+b'), fcntl.LOCK_EX | fcntl.LOCK_NB)"
    path = tmp_path / "relay.db-shm"
    with path.open("wb") as held, socket.create_server(("127.0.0.1", 0)):
        fcntl.lockf(held, fcntl.LOCK_EX)

        limit_silence()

        asked = subprocess.run([sys.executable, "-c", ask, path], capture_output=True, check=False, timeout=20)
        assert b"BlockingIOError" in asked.stderr
