"""Scales the product's times down, so that a minute holds hundreds of recoveries."""

from __future__ import annotations

from dataclasses import dataclass

ACCOUNTS = {"shop": 1, "billing": 1, "forms": 2}
"""Connections and their Upsales accounts: the first two write the same companies and contacts."""

OWNER = "sales@example.com"
MANY = '["1000000/10s"]'


@dataclass(frozen=True, slots=True)
class Times:
    """Seconds. The sandbox's search lags by up to `shown_after`, less than the product is told (`search_lag`)."""

    call_timeout: float = 1.5
    search_lag: float = 2.0
    shown_after: float = 1.5
    horizon: float = 6.0
    lease: float = 5.0
    sweep: float = 0.5

    @property
    def frozen(self) -> float:
        """A worker that stands still for so long has lost every lease; the ledger keeps a lane ten seconds longer than a call."""
        return self.call_timeout + 10.0 + 2.0


def relay_toml(times: Times) -> str:
    connections = "".join(f'\n[connections.{name}]\nconnector = "generic"\nowner = "{OWNER}"\n' for name in ACCOUNTS)
    return f"""\
[upsales]
call_timeout = {times.call_timeout}
search_lag = {times.search_lag}
commit_horizon = {times.horizon}
calls = {MANY}
writes = {MANY}

[delivery]
threads = 4
lease = {times.lease}
sweep_every = {times.sweep}
ring_again = 2
retry_first = 0.2
retry_longest = 2
breaker_pause = 1
{connections}"""
