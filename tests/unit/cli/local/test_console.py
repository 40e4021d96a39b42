"""The console is served as the receiver is: within bounds that hold before anybody is known."""

from __future__ import annotations

from worker.cli.local.console import command
from worker.cli.local.receiver import command as receivers


def test_it_is_one_process_with_the_bounds_of_the_receiver() -> None:
    told, bounds = command("127.0.0.1", 8002), receivers("127.0.0.1", 8002, processes=1)
    assert told[-1] == "web.console.rsgi:front"
    assert told[:-1] == bounds[:-1]
