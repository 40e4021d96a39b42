"""OpenTelemetry is off until its variables ask for it, and what can't be had is one line at the start."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Mapping

import pytest
from structlog.testing import capture_logs

from worker.errors import ConfigError
from worker.logs.redaction import redact
from worker.tracing import NO_TRACER, check, started


@pytest.mark.parametrize(
    "environ",
    [{}, {"OTEL_TRACES_EXPORTER": "none"}, {"OTEL_TRACES_EXPORTER": ""}, {"OTEL_TRACES_EXPORTER": "otlp", "OTEL_SDK_DISABLED": "true"}],
)  # fmt: skip
def test_it_is_off_and_silent(environ: Mapping[str, str]) -> None:
    with capture_logs() as lines:
        assert started(environ, "relay-test") is NO_TRACER

    assert lines == []


@pytest.mark.parametrize(
    ("environ", "told"),
    [
        ({"OTEL_TRACES_EXPORTER": "zipkin"}, "OTEL_TRACES_EXPORTER: 'zipkin' is none of otlp, console, none"),
        (
            {"OTEL_TRACES_EXPORTER": "otlp", "OTEL_EXPORTER_OTLP_PROTOCOL": "grpc"},
            "OTEL_EXPORTER_OTLP_PROTOCOL: 'grpc' is not spoken here, only http/protobuf",
        ),
    ],
)
def test_what_can_not_be_had_is_one_line(environ: Mapping[str, str], told: str) -> None:
    with pytest.raises(ConfigError) as raised:
        check(environ)

    assert str(raised.value) == told


def test_what_is_not_installed_is_one_line() -> None:
    with pytest.raises(ConfigError, match=r"^OTEL_TRACES_EXPORTER is set, and OpenTelemetry is missing: pip install"):
        check({"OTEL_TRACES_EXPORTER": "otlp"}, installed=lambda: False)


def test_a_signal_that_is_not_sent_is_named() -> None:
    with capture_logs() as lines:
        started({"OTEL_METRICS_EXPORTER": "otlp"}, "relay-test")

    assert [(line["variable"], line["log_level"]) for line in lines] == [("OTEL_METRICS_EXPORTER", "warning")]


def test_what_the_collector_is_shown_stays_hidden() -> None:
    tracer = started(
        {
            "OTEL_TRACES_EXPORTER": "console",
            "OTEL_EXPORTER_OTLP_HEADERS": "x-tenant=a,authorization=Bearer%20samlarens-lösen",
        },
        "relay-test",
    )
    tracer.flush(1.0)

    assert redact("a Bearer%20samlarens-lösen b") == "a *** b"


def test_nothing_of_it_is_imported_while_it_is_off() -> None:
    """In a process of its own: in this one it is loaded by other tests."""
    code = (
        "import sys; from worker.tracing import started; started({}, 'x');"
        "sys.exit(any(name.partition('.')[0] == 'opentelemetry' for name in sys.modules))"
    )

    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
