"""Holds what a sandbox can be told: keys, search lag, call windows, faults."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import TypeAlias

Window: TypeAlias = tuple[int, float]
"""So many calls in so many seconds."""


@dataclass(frozen=True, slots=True)
class SandboxKey:
    """An API key's pseudo user and the Upsales account (customer id) it belongs to. The key itself is not in here."""

    name: str
    account: int = 1
    account_name: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class SandboxOptions:
    """`keys` maps the secret key to whose it is.

    `search_lag`: seconds until a write shows in lists, drawn for each write between half of it and all of it.
    `phase`: where the fixed call windows begin, in seconds since the epoch; None draws it from the seed for each key and window.
    `latency`, `jitter`: each call takes `latency` plus up to `jitter` seconds.
    `tickets`: whether the accounts have the add-on.
    `new_accounts`: the accounts of `keys` get other customer ids each time they begin empty, all above two thousand million.
    """

    keys: Mapping[str, SandboxKey] = field(default_factory=dict, repr=False)
    search_lag: float = 1.0
    calls: tuple[Window, ...] = ((200, 10), (6_000, 600), (20_000, 3_600))
    writes: tuple[Window, ...] = ((2_000, 600), (5_000, 3_600))
    phase: float | None = 0.0
    latency: float = 0.0
    jitter: float = 0.0
    faults: bool = False
    seed: int = 0
    log_bodies: bool = False
    tickets: bool = True
    new_accounts: bool = False

    def faster(self, factor: float) -> SandboxOptions:
        """The same budgets in windows that are `factor` times shorter."""
        return replace(
            self,
            calls=tuple((limit, span / factor) for limit, span in self.calls),
            writes=tuple((limit, span / factor) for limit, span in self.writes),
        )
