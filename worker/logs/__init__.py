"""Configures logging: one line for each thing that happens, with no secret in it."""

from __future__ import annotations

import logging
import os
import sys
import threading
from collections.abc import Mapping
from types import TracebackType
from typing import TextIO

import structlog
from structlog.typing import Processor

from worker.errors import ConfigError
from worker.logs import sentry
from worker.logs.redaction import hide, redact, redacted

__all__ = ["check", "configure", "formatter", "hide", "redact", "tell_crashes"]

# The first write every URL, with its query, at INFO; the last three lines for every task.
CHATTY = (
    "httpx",
    "httpcore",
    "urllib3",
    "kombu",
    "amqp",
    "alembic",
    "celery.worker.strategy",
    "celery.app.trace",
    "celery.beat",
)


CLAMOROUS = ("flower", "tornado")
"""They warn of each question that a worker did not answer in a second."""


def check(environ: Mapping[str, str]) -> None:
    """Raises ConfigError when `configure` would."""
    _renderer(environ, sys.stderr)
    _level(environ)


def configure(environ: Mapping[str, str] = os.environ, stream: TextIO = sys.stderr) -> None:
    """Both structlog's and the standard library's loggers, those of Celery and Flask included."""
    handler = logging.StreamHandler(stream)
    handler.setFormatter(formatter(environ, stream))
    logging.basicConfig(handlers=[handler], level=_level(environ), force=True)
    logging.captureWarnings(capture=True)
    for name in CHATTY:
        logging.getLogger(name).setLevel(logging.WARNING)
    for name in CLAMOROUS:
        logging.getLogger(name).setLevel(logging.ERROR)
    structlog.configure(
        processors=[
            structlog.stdlib.filter_by_level,
            *_common(),
            structlog.stdlib.ProcessorFormatter.wrap_for_formatter,
        ],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=True,
    )
    sentry.start(environ)


def formatter(environ: Mapping[str, str] = os.environ, stream: TextIO = sys.stderr) -> logging.Formatter:
    """For loggers that have handlers of their own, as granian's."""
    return structlog.stdlib.ProcessorFormatter(
        foreign_pre_chain=_common(),
        processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, redacted, _renderer(environ, stream)],
    )


def tell_crashes() -> None:
    """From now on what ends this process, or a thread of it, is a line like the others."""
    sys.excepthook = _process_ended
    threading.excepthook = _thread_ended


def _process_ended(kind: type[BaseException], error: BaseException, traceback: TracebackType | None) -> None:
    if issubclass(kind, KeyboardInterrupt):
        sys.__excepthook__(kind, error, traceback)
        return
    logging.getLogger("relay").critical("the process ended unexpectedly", exc_info=(kind, error, traceback))


def _thread_ended(told: threading.ExceptHookArgs) -> None:
    if told.exc_value is not None and not issubclass(told.exc_type, SystemExit):
        name = told.thread.name if told.thread else "?"
        error = (told.exc_type, told.exc_value, told.exc_traceback)
        logging.getLogger("relay").critical("thread %s ended unexpectedly", name, exc_info=error)


def _common() -> list[Processor]:
    return [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.stdlib.PositionalArgumentsFormatter(),
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        # The plain traceback: structlog's other two print local variables, which can hold keys.
        structlog.processors.format_exc_info,
    ]


def _renderer(environ: Mapping[str, str], stream: TextIO) -> Processor:
    wanted = environ.get("RELAY_LOG") or ("console" if stream.isatty() else "json")
    if wanted == "console":
        return structlog.dev.ConsoleRenderer(colors=stream.isatty(), exception_formatter=structlog.dev.plain_traceback)
    if wanted == "json":
        return structlog.processors.JSONRenderer(ensure_ascii=False)
    raise ConfigError(f"RELAY_LOG: {wanted!r} is neither json nor console")


def _level(environ: Mapping[str, str]) -> int:
    name = (environ.get("RELAY_LOG_LEVEL") or "INFO").upper()
    levels = logging.getLevelNamesMapping()
    if name not in levels:
        raise ConfigError(f"RELAY_LOG_LEVEL: {name!r} is none of debug, info, warning, error")
    return levels[name]
