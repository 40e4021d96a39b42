"""Hides the secrets that a body carries along, and leaves everything else as it came."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import quote_plus, unquote_plus

from worker.sdk.body import multipart, xml
from worker.sdk.connector import Connector
from worker.sdk.masked import masked


def hidden(connector: Connector, body: bytes, mask: Callable[[str], str]) -> bytes:
    """`mask`: what stands in a secret's place. The body must be one that `document` reads."""
    if not connector.secret_fields:
        return body
    return _Hiding(connector, mask).body(body)


@dataclass(frozen=True, slots=True)
class _Hiding:
    connector: Connector
    mask: Callable[[str], str]

    def body(self, body: bytes) -> bytes:
        match self.connector.body:
            case "form":
                return "&".join(map(self._pair, body.decode().split("&"))).encode()
            case "multipart":
                return multipart.joined(multipart.boundary_of(body), [*map(self._part, multipart.parts(body))])
            case "xml":
                return xml.masked(body, self.connector.secret_fields, self.mask)
            case _:
                return _dumped(masked(_spelled(body), self.connector.secret_fields, self._value)).encode()

    def _value(self, secret: Any) -> str:
        return self.mask(secret if isinstance(secret, str) else _dumped(secret))

    def _pair(self, part: str) -> str:
        """Untouched but for what is secret."""
        name, mark, value = part.partition("=")
        said = self._said(unquote_plus(name), unquote_plus(value))
        return part if said is None else f"{name}{mark}{quote_plus(said, safe=':')}"

    def _part(self, part: multipart.Part) -> multipart.Part:
        said = self._said(part.name, part.content.decode(errors="replace"))
        return part if said is None else replace(part, content=said.encode())

    def _said(self, name: str, text: str) -> str | None:
        """None where it holds no secret, and stays as it is."""
        if name in self.connector.secret_fields:
            return self.mask(text)
        if name not in self.connector.json_fields or not text.strip():
            return None
        whole = {name: _spelled(text)}
        left = masked(whole, self.connector.secret_fields, self._value)
        return None if left == whole else _dumped(left[name])


class _Number(str):
    """A JSON number as the sender spelled it: a float would round it."""

    __slots__ = ()


def _spelled(text: str | bytes) -> Any:
    return json.loads(text, parse_int=_Number, parse_float=_Number)


def _dumped(value: Any) -> str:
    if isinstance(value, dict):
        return f"{{{', '.join(f'{json.dumps(name)}: {_dumped(each)}' for name, each in value.items())}}}"
    if isinstance(value, list):
        return f"[{', '.join(map(_dumped, value))}]"
    return value if isinstance(value, _Number) else json.dumps(value)
