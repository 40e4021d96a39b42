"""Starts OpenTelemetry where its standard variables ask for it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from importlib.util import find_spec

import structlog

from worker.errors import ConfigError
from worker.logs.redaction import hide
from worker.tracing.tracer import NO_TRACER, Tracer

VARIABLE = "OTEL_TRACES_EXPORTER"
PROTOCOLS = ("OTEL_EXPORTER_OTLP_TRACES_PROTOCOL", "OTEL_EXPORTER_OTLP_PROTOCOL")
HEADERS = ("OTEL_EXPORTER_OTLP_HEADERS", "OTEL_EXPORTER_OTLP_TRACES_HEADERS")
OTHER_SIGNALS = {
    "OTEL_METRICS_EXPORTER": "Prometheus scrapes the metrics",
    "OTEL_LOGS_EXPORTER": "logs are lines of JSON on standard error",
}
EXPORTERS = ("otlp", "console")
_OTLP = "opentelemetry.exporter.otlp.proto.http"

log = structlog.get_logger()


def _installed() -> bool:
    """Without loading it: commands, too, ask whether all settings are right."""
    try:
        return find_spec("opentelemetry.sdk.trace") is not None and find_spec(_OTLP) is not None
    except ModuleNotFoundError:
        return False


def check(environ: Mapping[str, str], installed: Callable[[], bool] = _installed) -> str | None:
    """The exporter that is asked for, None without one. Raises ConfigError when it can't be had."""
    wanted = (environ.get(VARIABLE) or "none").strip().lower()
    if wanted == "none" or environ.get("OTEL_SDK_DISABLED", "").strip().lower() == "true":
        return None
    if wanted not in EXPORTERS:
        raise ConfigError(f"{VARIABLE}: {wanted!r} is none of {', '.join(EXPORTERS)}, none")
    protocol = next((environ[name] for name in PROTOCOLS if environ.get(name)), "http/protobuf")
    if wanted == "otlp" and protocol != "http/protobuf":
        raise ConfigError(f"{PROTOCOLS[1]}: {protocol!r} is not spoken here, only http/protobuf")
    if not installed():
        raise ConfigError(f"{VARIABLE} is set, and OpenTelemetry is missing: pip install 'upsales-relay[otel]'")
    return wanted


def started(environ: Mapping[str, str], service: str) -> Tracer:
    """`service` is the process's name where OTEL_SERVICE_NAME gives none. Without an exporter nothing of OpenTelemetry is imported."""
    exporter = check(environ)
    for name, why in OTHER_SIGNALS.items():
        if environ.get(name, "none") != "none":
            log.warning("a signal of OpenTelemetry is not sent", variable=name, instead=why)
    if exporter is None:
        return NO_TRACER
    hide(*_secrets(environ))
    from worker.tracing.otel import exporting

    return exporting(exporter, environ, service)


def _secrets(environ: Mapping[str, str]) -> list[str]:
    """What the collector is shown as a proof: `name=value,name=value`."""
    pairs = [pair for name in HEADERS for pair in environ.get(name, "").split(",")]
    return [value.strip() for pair in pairs if (value := pair.partition("=")[2])]
