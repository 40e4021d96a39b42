"""Answers as a sender's API would, as a WSGI application."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from threading import Lock
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode, urlsplit

from werkzeug.wrappers import Request, Response

from worker.devkit.neighbour import grants, lists, routes
from worker.devkit.neighbour.early import early_answer
from worker.devkit.neighbour.faults import Fault
from worker.devkit.neighbour.grants import Grants
from worker.devkit.neighbour.signed import is_signed
from worker.devkit.neighbour.things import Things
from worker.sdk.source import OAuth2, Source
from worker.sdk.source.content import media_type_of

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIEnvironment

PAGE = 50


@dataclass(frozen=True, slots=True)
class Asked:
    """One request, and what was answered. `kind`: empty where no declared path was asked for. `thing`: of a `get`."""

    path: str
    query: Mapping[str, str]
    kind: str
    thing: str | None
    status: int


@dataclass(slots=True)
class _Planned:
    fault: Fault
    left: int
    kind: str | None
    thing: str | None


class Neighbour:
    """Safe to share between threads. `token`: the connection's, as it keeps it; None for any. `page_size`: where the sender chooses it."""

    def __init__(
        self,
        source: Source,
        *,
        token: str | None = None,
        page_size: int = PAGE,
        now: Callable[[], float] = time.time,
        pause: Callable[[float], object] | None = None,
    ) -> None:
        self.source = source
        self.token = token
        self.page_size = page_size
        self.things = Things(source.kinds)
        self.grants = Grants(source.sign, now, client=token) if isinstance(source.sign, OAuth2) else None
        self.asked: list[Asked] = []
        self._pause = pause or threading.Event().wait
        self._routes = routes.routes(source)
        self._planned: list[_Planned] = []
        self._lock = Lock()

    def misbehave(self, fault: Fault, times: int = 1, *, kind: str | None = None, thing: str | None = None) -> None:
        """So many of the next requests, about this kind or thing if one is named. What was planned first comes first."""
        with self._lock:
            self._planned.append(_Planned(fault, times, kind, thing))

    def early(self, times: int, *, kind: str, thing: str | None = None) -> None:
        """The next reads find it not complete yet."""
        self.misbehave(Fault(early=True), times, kind=kind, thing=thing)

    def behave(self) -> None:
        """Nothing that was planned comes any more."""
        with self._lock:
            self._planned.clear()

    def count(self, kind: str | None = None, thing: str | None = None) -> int:
        """Requests so far."""
        with self._lock:
            return sum(kind in (None, each.kind) and thing in (None, each.thing) for each in self.asked)

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        return self._answered(Request(environ))(environ, start_response)

    def _answered(self, request: Request) -> Response:
        headers = {name.lower(): value for name, value in request.headers.items()}
        path, query = _path(request), request.args.to_dict()
        granted = self._granted(request, path, query, headers)
        if granted is not None:
            return _of_grant(granted)
        match = routes.find(self._routes, path, query)
        kind, thing = (match.route.kind, match.values.get("id")) if match else ("", None)
        response = self._refused(request, headers) or self._told(request, match, query)
        with self._lock:
            self.asked.append(Asked(path, query, kind, thing, response.status_code))
        return response

    def _granted(
        self, request: Request, path: str, query: Mapping[str, str], headers: Mapping[str, str]
    ) -> grants.Answer | None:
        """An answer of the token endpoint. Its paths are those of the declared addresses."""
        if self.grants is None:
            return None
        sign = self.grants.sign
        if request.method == "POST" and path == urlsplit(sign.token_url).path:
            return self.grants.token(request.form.to_dict(), headers)
        if sign.authorize_url and path == urlsplit(sign.authorize_url).path:
            return self.grants.authorize(query)
        return None

    def _refused(self, request: Request, headers: Mapping[str, str]) -> Response | None:
        if request.method != "GET":
            return _json({"error": "it is only read"}, 405)
        if not is_signed(self.source.sign, headers, self.token, self._is_granted):
            return _json({"error": "it is not signed as declared"}, 401)
        lacking = [name for name in self.source.headers if name.lower() not in headers]
        return _json({"error": f"no header {', '.join(lacking)}"}, 400) if lacking else None

    def _is_granted(self, access: str) -> bool:
        return self.grants is not None and self.grants.is_granted(access)

    def _told(self, request: Request, match: routes.Match | None, query: Mapping[str, str]) -> Response:
        fault = self._next_fault(match)
        if fault and fault.seconds:
            self._pause(fault.seconds)
        if fault and fault.status is not None:
            return _raw(fault)
        if match is None:
            return _json({"error": "no such path is declared"}, 404)
        if match.route.what != "get":
            return self._list(request, match, query, fault)
        return self._one(match, fault)

    def _next_fault(self, match: routes.Match | None) -> Fault | None:
        kind, thing = (match.route.kind, match.values.get("id")) if match else (None, None)
        with self._lock:
            for planned in self._planned:
                if planned.left > 0 and planned.kind in (None, kind) and planned.thing in (None, thing):
                    planned.left -= 1
                    return planned.fault
        return None

    def _one(self, match: routes.Match, fault: Fault | None) -> Response:
        kept = self.things.find(match.route.kind, match.values["id"])
        if kept is None:
            return _json({"error": "there is no such thing"}, 404)
        if kept.gone:
            return _json({"error": "it was deleted"}, 410)
        if fault and fault.early:
            return _raw(early_answer(self.source.kinds[match.route.kind], kept.answer))
        if isinstance(kept.answer, bytes):
            return Response(kept.answer, 200, content_type=media_type_of("", kept.answer))
        return _json(_changed(kept.answer, fault), 200)

    def _list(self, request: Request, match: routes.Match, query: Mapping[str, str], fault: Fault | None) -> Response:
        kind = self.source.kinds[match.route.kind]
        assert kind.changes is not None

        def address(mark: str) -> str:
            return f"{request.base_url}?{urlencode({**query, lists.MARK: mark})}"

        try:
            found = lists.listed(
                kind,
                kind.changes,
                self.things.of(match.route.kind),
                match.values,
                query,
                size=self.page_size,
                address=address,
            )
        except lists.BadQuery as error:
            return _json({"error": str(error)}, 400)
        return _json(_changed(found.answer, fault), 200, found.headers)


def _path(request: Request) -> str:
    """As it was sent where the server tells: an id can hold a slash, percent-encoded."""
    sent = request.environ.get("REQUEST_URI")
    path = urlsplit(sent).path if isinstance(sent, str) and sent.startswith("/") else request.root_path + request.path
    return path.removeprefix(request.root_path.rstrip("/"))


def _changed(answer: Any, fault: Fault | None) -> Any:
    return fault.change(answer) if fault and fault.change else answer


def _raw(fault: Fault) -> Response:
    assert fault.status is not None
    return Response(fault.body, fault.status, dict(fault.headers), content_type="application/json")


def _json(body: Any, status: int, headers: Mapping[str, str] | None = None) -> Response:
    text = json.dumps(body, ensure_ascii=False)
    return Response(text, status, dict(headers or {}), content_type="application/json")


def _of_grant(answer: grants.Answer) -> Response:
    return _json(dict(answer.json), answer.status, {"Location": answer.location} if answer.location else None)
