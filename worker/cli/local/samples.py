"""Finds the samples of connectors, signs them as their sender would, and posts them."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Any

import httpx

from worker.devkit import cases
from worker.devkit.cases import Case
from worker.devkit.conformance.paths import subject_of
from worker.errors import ConfigError, RelayError, did_you_mean
from worker.sdk.connector import Connector
from worker.sdk.request import Request

TIMEOUT = 10.0


class NotSent(RelayError):
    """The receiver could not be reached, or did not accept."""


@dataclass(frozen=True, slots=True)
class Accepted:
    """`events`: the relay's ids."""

    status: int
    events: Sequence[str]


def samples_of(connector: Connector) -> Mapping[str, Case]:
    return {filed.name: filed.case for filed in subject_of(connector).samples}


def sample(connector: Connector, wanted: str) -> Case:
    """A shipped sample by its name, or a case in a file."""
    shipped = samples_of(connector)
    if wanted in shipped:
        return shipped[wanted]
    path = Path(wanted)
    if not path.is_file():
        raise ConfigError(
            f"{wanted} is neither a file nor a sample of {connector.name}; {did_you_mean(wanted, shipped)}"
        )
    try:
        return _case(path.read_text("utf-8"), connector, wanted)
    except UnicodeDecodeError:
        raise ConfigError(f"{wanted}: not UTF-8 text") from None


def signed(case: Case, connector: Connector, url: str, secret: str | None, now: datetime) -> Request:
    """As its sender would post it to this URL."""
    request = replace(case.request, url=url)
    if not connector.signature.needs_secret:
        return connector.signature.sign(request, secret or "", now)
    if not secret:
        raise ConfigError(f"nothing to sign with: a connection of {connector.name} needs its signing secret")
    try:
        return connector.signature.sign(request, secret, now)
    except ValueError as error:
        raise ConfigError(f"can't sign as {connector.name}: {error}") from None


def post(request: Request) -> Accepted:
    try:
        with httpx.Client(trust_env=False, timeout=TIMEOUT) as client:
            answer = client.request(
                request.method, request.url, content=request.body, headers=[(n, v) for n, v in _headers(request)]
            )
    except httpx.HTTPError as error:
        raise NotSent(f"the receiver can't be reached ({type(error).__name__}): is `relay up` running?") from None
    if answer.status_code >= 300:
        raise NotSent(f"the receiver answered {answer.status_code}: {_detail(answer)}")
    return Accepted(answer.status_code, _events(answer))


def _headers(request: Request) -> Sequence[tuple[bytes, bytes]]:
    return [(name.encode("latin-1"), value.encode("latin-1", "replace")) for name, value in request.headers]


def _case(text: str, connector: Connector, where: str) -> Case:
    try:
        document = json.loads(text)
    except ValueError as error:
        raise ConfigError(f"{where}: not a case: it is not JSON: {error}") from None
    try:
        return cases.load(document, connector)
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise ConfigError(f"{where}: not a case: {cases.wrong(document, error)}") from None


def _json(answer: httpx.Response) -> Any:
    try:
        return answer.json()
    except ValueError:
        return None


def _detail(answer: httpx.Response) -> str:
    told = _json(answer)
    return str(told.get("detail") or told.get("title")) if isinstance(told, dict) else answer.text[:200]


def _events(answer: httpx.Response) -> Sequence[str]:
    told = _json(answer)
    return [str(each) for each in told.get("events", [])] if isinstance(told, dict) else []
