"""Reads one request to the imitated API completely, before anything is decided about it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from urllib.parse import urlencode

from flask import Request

from web.sandbox.answers import Json
from web.sandbox.calls import Call
from web.sandbox.routes import ROOT, resource_of
from web.sandbox.uploads import part
from web.sandbox.world import Caller

WRITES = frozenset({"POST", "PUT", "DELETE", "PATCH"})


class BadBody:
    """Stands for a body that is no JSON although its content type says so."""


@dataclass(frozen=True, slots=True)
class Incoming:
    """A request whose key is looked up already. `parameters` are without the key."""

    method: str
    path: str
    parameters: tuple[tuple[str, str], ...]
    body: Json
    caller: Caller | None

    @property
    def writes(self) -> bool:
        return self.method in WRITES

    @property
    def resource(self) -> str:
        return resource_of(self.path)[0]

    def logged(self, now: float, *, with_body: bool) -> Call:
        record = (resource_of(self.path)[1] or "").partition("/")[0]
        return Call(
            time=now,
            key=self.caller.name if self.caller else None,
            account=self.caller.customer.id if self.caller else None,
            method=self.method,
            path=f"{ROOT}/{self.path}",
            query=urlencode(self.parameters),
            resource=self.resource,
            id=int(record) if record.isdecimal() else None,
            body=self.body if with_body and not isinstance(self.body, BadBody) else None,
            write=self.writes,
        )


def read(request: Request, path: str, caller_of: Callable[[str | None], Caller | None]) -> Incoming:
    """Read a request to its end: a body left unread would spoil the connection for the next one."""
    body = read_body(request)
    caller = caller_of(request.args.get("token") or request.cookies.get("token"))
    parameters = tuple((name, value) for name, value in request.args.items(multi=True) if name != "token")
    return Incoming(request.method, own_path(path, caller), parameters, body, caller)


def read_body(request: Request) -> Json:
    if request.mimetype == "multipart/form-data":
        return {**request.form.to_dict(), **{name: part(sent) for name, sent in request.files.items()}}
    raw = request.get_data()
    if not raw or not request.is_json:
        return {}
    data = request.get_json(silent=True)
    return BadBody() if data is None else data


def own_path(path: str, caller: Caller | None) -> str:
    """Leave out the customer id that some of the web app's own calls carry as first part of the path."""
    first, _, rest = path.partition("/")
    return rest if caller and rest and first == str(caller.customer.id) else path
