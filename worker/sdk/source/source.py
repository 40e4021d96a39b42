"""Declares a sender's own API: where it is, how it is signed, what can be read there."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import TYPE_CHECKING, Any

from worker.sdk.source.changes import Changes
from worker.sdk.source.content import PDF, FileContent
from worker.sdk.source.sign import Sign
from worker.sdk.source.verdict import Answered, Verdict

if TYPE_CHECKING:
    from marshmallow import Schema


@dataclass(frozen=True, slots=True)
class Limit:
    """The sender allows `calls` in `seconds`, for each token, whoever calls."""

    calls: int
    seconds: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Kind:
    """One kind of thing that the API tells of.

    `get`: the path of one, with `{id}`; `at`: dotted path of the thing in the answer. `schema` loads what was read before a mapping gets it.
    `changed`: dotted path of when it last changed: then the values count as of that moment, not of the webhook's. `early`: why what was
    read is not complete yet, else None. It is read again every `early_every` seconds, for `early_for` at the most.
    `means`: what an answer means where its status alone doesn't tell; None where it does. `merges`: under the id of a thing that was merged
    into another one, the API answers that other one.
    `file`: it is no JSON but a file of one of the `media_types`. A mapping gets its `Content`, which a plan can attach (`attached`).
    `stored_elsewhere`: the sender redirects to where it stores its files, which may be any host: nothing that is signed or declared goes along.
    """

    schema: type[Schema] = FileContent
    get: str | None = None
    at: str = ""
    changed: str | None = None
    changes: Changes | None = None
    early: Callable[[Any], str | None] | None = None
    early_every: float = 15.0
    early_for: float = 120.0
    means: Callable[[Answered], Verdict | None] | None = None
    secret_fields: tuple[str, ...] = ()
    merges: bool = False
    file: bool = False
    media_types: tuple[str, ...] = (PDF,)
    stored_elsewhere: bool = False

    def __post_init__(self) -> None:
        if self.file is not (self.schema is FileContent):
            raise TypeError("a kind has a schema, or it is a file: Kind(schema=…), or Kind(file=True)")


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """The sender's own API, as far as a connection may read it.

    `url`: the root that all paths are appended to. Settings of the connection go in by name: `https://{shop}/admin/api/{api_version}`.
    Only its host is read from, and `hosts`; https alone. `limits`: the sender's own, kept across all processes.
    `catch_up`: how often what has changed is read where the connection doesn't say, for senders that hardly repeat a webhook: `"15m"`.
    `outdated`: of an API whose versions end: why the one of the settings is to be changed, on that day; None where it isn't.
    `unread`: whether the connection works without a token, with what its webhooks tell alone.
    """

    url: str
    sign: Sign
    kinds: Mapping[str, Kind]
    hosts: tuple[str, ...] = ()
    headers: Mapping[str, str] = field(default_factory=dict)
    limits: tuple[Limit, ...] = ()
    timeout: float = 10.0
    most_bytes: int = 4 * 1024 * 1024
    catch_up: str | None = None
    unread: bool = False
    outdated: Callable[[Any, date], str | None] | None = None

    @property
    def changing(self) -> Sequence[str]:
        """The kinds of which it lists what has changed since a moment."""
        return sorted(name for name, kind in self.kinds.items() if kind.changes and kind.changes.path is not None)
