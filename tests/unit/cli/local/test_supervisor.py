"""What the supervisor's log tells of a process."""

from __future__ import annotations

from pathlib import Path

import pytest

from worker.cli.local.processes import Program
from worker.cli.local.supervisor import DidNotStart, Ended, Supervisor

RUNS = "INFO spawned: 'sandbox' with pid 41\nINFO success: sandbox entered RUNNING state, process has stayed up\n"
GONE = "WARN exited: sandbox (terminated by SIGKILL; not expected)\n"


def supervisor(directory: Path, log: str) -> Supervisor:
    (directory / "supervisord.log").write_text(log, "utf-8")
    programs = (Program("sandbox", ("python",), restarts=False), Program("worker", ("python",)))
    return Supervisor(directory, directory, None, programs)


def test_one_that_holds_everything_in_memory_is_missed(tmp_path: Path) -> None:
    with pytest.raises(Ended, match=r"^sandbox ended, and what it held is gone: start again"):
        supervisor(tmp_path, RUNS + GONE).check()


@pytest.mark.parametrize("log", [RUNS, GONE, RUNS + GONE.replace("sandbox", "worker")])
def test_others_are_started_again(tmp_path: Path, log: str) -> None:
    supervisor(tmp_path, log).check()


def test_one_that_does_not_start_is_told_as_that(tmp_path: Path) -> None:
    with pytest.raises(DidNotStart, match=r"^sandbox does not start"):
        supervisor(tmp_path, f"{GONE}INFO gave up: sandbox entered FATAL state\n").check()


def test_the_process_that_was_started_last_is_found(tmp_path: Path) -> None:
    log = "INFO spawned: 'worker' with pid 7\nINFO spawned: 'web' with pid 8\nINFO spawned: 'worker' with pid 912\n"
    assert supervisor(tmp_path, log).pid_of("worker") == 912
