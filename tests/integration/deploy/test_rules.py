"""Each alert of Prometheus fires when that is wrong, and no other does."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from collections.abc import Mapping
from pathlib import Path

import pytest

from worker.alerts.findings import KINDS
from worker.instruments.outcomes import REFUSED

ROOT = Path(__file__).parents[3]
RULES = ROOT / "deploy" / "prometheus" / "rules.yml"
PROMTOOL = shutil.which("promtool")
MINUTES = 40
AT = "35m"

FINE: Mapping[str, str] = {
    "relay_database_up": "1x40",
    "relay_redis_up": "1x40",
    'relay_processes{kind="receiver"}': "2x40",
    'relay_processes{kind="worker"}': "1x40",
    'relay_chore_last_run_timestamp_seconds{chore="sweep"}': "0+60x40",
    'relay_connection_paused{connection="shop"}': "0x40",
    'relay_connection_stopped{connection="shop"}': "0x40",
    'relay_connection_misconfigured{connection="shop"}': "0x40",
    'relay_dead_letters{connection="shop"}': "0x40",
    'relay_reviews{connection="shop"}': "0x40",
    'relay_oldest_waiting_seconds{connection="shop"}': "30x40",
    'relay_webhooks_total{connection="shop",outcome="unauthorized"}': "0+0x40",
    'relay_webhooks_total{connection="shop",outcome="accepted"}': "0+100x40",
    'relay_markers_missing{connection="shop"}': "0x40",
    'relay_connection_silent{connection="shop"}': "0x40",
    'relay_connection_unread{connection="shop"}': "0x40",
    'relay_token_ends_timestamp_seconds{connection="shop"}': "1300000x40",
    'relay_connection_listening{connection="shop"}': "1x40",
}
"""A healthy installation, a value a minute."""

WRONG: Mapping[str, Mapping[str, str]] = {
    "RelayDatabaseDown": {"relay_database_up": "0x40"},
    "RelayRedisDown": {
        "relay_redis_up": "0x40",
        'relay_processes{kind="worker"}': "0x40",
        'relay_chore_last_run_timestamp_seconds{chore="sweep"}': "0x40",
    },
    "RelayNoReceiver": {'relay_processes{kind="receiver"}': "0x40"},
    "RelayNoWorker": {
        'relay_processes{kind="worker"}': "0x40",
        'relay_chore_last_run_timestamp_seconds{chore="sweep"}': "0x40",
    },
    "RelayNoSweep": {'relay_chore_last_run_timestamp_seconds{chore="sweep"}': "0x40"},
    "RelayConnectionPaused": {
        'relay_connection_paused{connection="shop"}': "1x40",
        'relay_oldest_waiting_seconds{connection="shop"}': "5000x40",
    },
    "RelayConnectionStopped": {'relay_connection_stopped{connection="shop"}': "1x40"},
    "RelayConnectionMisconfigured": {'relay_connection_misconfigured{connection="shop"}': "1x40"},
    "RelayDeadLetters": {'relay_dead_letters{connection="shop"}': "2x40"},
    "RelayReviewWaiting": {'relay_reviews{connection="shop"}': "1x40"},
    "RelayDeliveriesLate": {'relay_oldest_waiting_seconds{connection="shop"}': "901x40"},
    "RelayWebhooksRefused": {'relay_webhooks_total{connection="shop",outcome="unauthorized"}': "0+1x40"},
    "RelayMarkerMissing": {'relay_markers_missing{connection="shop"}': "1x40"},
    "RelayNotListening": {'relay_connection_listening{connection="shop"}': "0x40"},
    "RelaySenderSilent": {'relay_connection_silent{connection="shop"}': "1x40"},
    "RelaySenderUnread": {'relay_connection_unread{connection="shop"}': "1x40"},
    "RelayTokenEnds": {'relay_token_ends_timestamp_seconds{connection="shop"}': "1200000x40"},
    "RelayTokenEndsSoon": {'relay_token_ends_timestamp_seconds{connection="shop"}': "200000x40"},
}
GONE = "RelayConsoleGone"

OWN: Mapping[str, str] = {
    "redis_away": "RelayRedisDown",
    "no_worker": "RelayNoWorker",
    "no_sweep": "RelayNoSweep",
    "connection_paused": "RelayConnectionPaused",
    "connection_stopped": "RelayConnectionStopped",
    "connection_misconfigured": "RelayConnectionMisconfigured",
    "dead_letters": "RelayDeadLetters",
    "review_waiting": "RelayReviewWaiting",
    "deliveries_late": "RelayDeliveriesLate",
    "webhooks_refused": "RelayWebhooksRefused",
    "marker_missing": "RelayMarkerMissing",
    "sender_silent": "RelaySenderSilent",
    "sender_unread": "RelaySenderUnread",
    "token_ends": "RelayTokenEnds",
    "token_ends_soon": "RelayTokenEndsSoon",
    "not_listening": "RelayNotListening",
}
"""What the relay tells itself, and what Prometheus calls it."""


def named() -> list[str]:
    return re.findall(r"^      - alert: (\w+)$", RULES.read_text("utf-8"), re.MULTILINE)


def test_every_alert_is_tried_and_stands_in_the_page() -> None:
    assert sorted(named()) == sorted([*WRONG, GONE])
    page = (ROOT / "docs" / "operations.md").read_text("utf-8")
    assert [name for name in named() if f"`{name}`" not in page] == []


def test_what_the_relay_tells_itself_prometheus_tells_too() -> None:
    assert set(OWN) == set(KINDS)
    assert set(OWN.values()) <= set(named())


def test_prometheus_and_the_relay_tell_of_the_same_refusals() -> None:
    assert f'relay_webhooks_total{{connection!="",outcome=~"{"|".join(REFUSED)}"}}' in RULES.read_text("utf-8")


def test_every_way_out_is_a_heading_of_the_page() -> None:
    page = (ROOT / "docs" / "operations.md").read_text("utf-8")
    headings = {re.sub(r"[^\w -]", "", line.lstrip("# ").lower()).replace(" ", "-") for line in page.splitlines() if line.startswith("#")}  # fmt: skip
    ways = re.findall(r"runbook: docs/operations\.md#(\S+)", RULES.read_text("utf-8"))
    assert len(ways) == len(named())
    assert {way for way in ways if way not in headings} == set()


def promtool(*arguments: str) -> str:
    done = subprocess.run([str(PROMTOOL), *arguments], capture_output=True, text=True, check=False, timeout=60)
    return "" if done.returncode == 0 else done.stdout + done.stderr


def case(series: Mapping[str, str], firing: str) -> dict[str, object]:
    return {
        "interval": "1m",
        "input_series": [{"series": name, "values": values} for name, values in series.items()],
        "alert_rule_test": [
            {"eval_time": AT, "alertname": name, "exp_alerts": []} for name in named() if name != firing
        ],
        "promql_expr_test": [
            {
                "expr": f'count(ALERTS{{alertname="{firing}", alertstate="firing"}})',
                "eval_time": AT,
                "exp_samples": [{"labels": "{}", "value": 1}] if firing else [],
            }
        ],
    }


if PROMTOOL:

    @pytest.mark.parametrize("firing", ["", *WRONG, GONE])
    def test_it_fires_and_no_other_does(firing: str, tmp_path: Path) -> None:
        series = {"up": "1x40"} if firing == GONE else {**FINE, **WRONG.get(firing, {})}
        told = {"rule_files": [str(RULES)], "evaluation_interval": "1m", "tests": [case(series, firing)]}
        file = tmp_path / "case.yml"
        file.write_text(json.dumps(told), "utf-8")
        assert promtool("test", "rules", str(file)) == ""
