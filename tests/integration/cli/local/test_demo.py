"""`relay demo --once`: from nothing to records in Upsales, through every process."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
from collections import Counter
from itertools import takewhile
from pathlib import Path

from worker.cli.local.network import free_port
from worker.cli.local.samples import samples_of
from worker.connectors import all_connectors
from worker.sdk.read import read

WAYS = ("the one of the story", "its webhook came twice", "an answer was cut", "kill -9 in the middle")


MADE_OF_THE_STORY = ("companies", "people", *(f"orders: {each}" for each in WAYS))


def assert_the_story_is_told(said: str) -> None:
    """One of each by the relay; the script's are what they are."""
    assert re.findall(r"^  .+ {2}(1 company, 1 person.*)$", said, re.MULTILINE) == [
        "1 company, 1 person",
        "1 company, 1 person",
        "1 company, 1 person, 1 meeting",
        "1 company, 1 person, 1 meeting, 1 order",
        "1 company, 1 person, 1 meeting, 1 order, paid",
    ]
    table = said.partition("One of each is right:\n")[2]
    rows = dict(re.findall(r"^(.+?) {2,}(\d+) +\d+ *$", table, re.MULTILINE))
    assert rows == dict.fromkeys(MADE_OF_THE_STORY, "1")


def test_every_sample_of_every_connector_gets_through(tmp_path: Path) -> None:
    environ = {
        "PATH": os.environ["PATH"],
        "PORT": str(free_port()),
        "FLOWER_PORT": str(free_port()),
        "CONSOLE_PORT": str(free_port()),
        "RELAY_SANDBOX_PORT": str(free_port()),
    }
    done = subprocess.run(
        [sys.executable, "-m", "worker.cli", "demo", "--once"],
        cwd=tmp_path,
        env=environ,
        capture_output=True,
        text=True,
        timeout=180,
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, ""), done.stdout
    assert_the_story_is_told(done.stdout)
    samples = ((each, case) for each in all_connectors() for case in samples_of(each).values())
    count = sum(len(read(each, case.request)) for each, case in samples)
    assert count > 0
    assert f"{count} events sent" in done.stdout
    assert "account 1 " in done.stdout
    assert "http" not in done.stdout
    assert "password" not in done.stdout
    for resource in ("account", "contact"):
        called = re.findall(rf"^{resource} \d+ +(.+?)(?:,.*?)?  ", done.stdout, re.MULTILINE)
        assert len(called) > 5
        assert [name for name, count in Counter(called).items() if count > 1] == [], f"two {resource}s of one name"


def test_request_of_ones_own_is_sent_into_a_running_demo(tmp_path: Path) -> None:
    ports = {name: str(free_port()) for name in ("PORT", "FLOWER_PORT", "RELAY_SANDBOX_PORT", "CONSOLE_PORT")}
    command = [sys.executable, "-m", "worker.cli"]

    def asked(*arguments: str) -> subprocess.CompletedProcess[str]:
        """With nothing of the demo's environment but where its settings are."""
        environ = {"PATH": os.environ["PATH"], "RELAY_CONFIG": str(tmp_path / "var" / "demo" / "relay.toml")}
        return subprocess.run(
            [*command, *arguments], cwd=tmp_path, env=environ, capture_output=True, text=True, check=False, timeout=60
        )

    with subprocess.Popen(
        [*command, "demo", "--only", "generic"],
        cwd=tmp_path,
        env={"PATH": os.environ["PATH"], **ports},
        stdout=subprocess.PIPE,
        text=True,
    ) as demo:
        assert demo.stdout is not None
        try:
            said = list(takewhile(lambda line: "Ctrl-C stops everything" not in line, demo.stdout))
            mine = {
                "id": "mitt-1",
                "type": "account.upsert",
                "time": "2026-03-02T12:00:00Z",
                "data": {"id": "Å-1", "name": "Å"},
            }
            case = tmp_path / "my_case.json"
            case.write_text(json.dumps({"now": "2026-03-02T12:00:00Z", "body": mine}), "utf-8")
            sent, examined = (asked("send", "generic", str(case)), asked("doctor"))
        finally:
            demo.send_signal(signal.SIGINT)
            demo.communicate(timeout=60)
    assert "Receiver  http" in "".join(said)
    assert re.search(
        rf"^Console   http://127.0.0.1:{ports['CONSOLE_PORT']}   token \S{{32}};", "".join(said), re.MULTILINE
    )
    assert sent.stderr == ""
    assert sent.stdout.startswith("202 ")
    assert (examined.returncode, " wrong " in examined.stdout) == (0, False), examined.stdout
    stopped = asked("doctor", "--json")
    found = {row["what"]: (row["level"], row["says"]) for row in json.loads(stopped.stdout)}
    assert stopped.returncode == 1
    sandbox = f"http://127.0.0.1:{ports['RELAY_SANDBOX_PORT']}/api/v2 (relay.toml line 3: [upsales] base_url)"
    assert found["Upsales"][1].startswith(f"it can't be reached at {sandbox}: ")
    assert found["Upsales"][1].endswith("; start `relay demo`")
    assert found["generic: API key"][0] == "fine", "it is in a file beside the settings"
    assert found["generic: account"][1].startswith("not checked: ")
