"""`relay demo` goes on, and takes what somebody else sends. `--once` is tried in test_wheel and in test_contributing."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
from itertools import takewhile
from pathlib import Path

from worker.cli.local.network import free_port


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
