"""Scales the product's times down, so that a minute holds hundreds of recoveries."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

ACCOUNTS = {"shop": 1, "billing": 1, "forms": 2}
"""Connections and their Upsales accounts: the first two write the same companies and contacts."""

QUIET, FLOODED, ABROAD, STORE, THIN, HEARD = "desk", "bulk", "abroad", "store", "thin", "heard"
"""One that tells little, one that floods, one of another account with the same companies, one of another connector, one whose API is read, and one that is listened to."""
ADS, SITE, LIST, PHONE = "ads", "site", "list", "phone"
"""Advertisements, a web site, an audience of mailings, a telephone: each has a connector and an account of its own."""
ALL_ACCOUNTS = {
    **ACCOUNTS,
    QUIET: 1,
    FLOODED: 2,
    ABROAD: 3,
    STORE: 4,
    ADS: 7,
    SITE: 8,
    LIST: 9,
    PHONE: 10,
    HEARD: 6,
    THIN: 5,
}
CONNECTORS = {
    **dict.fromkeys(ALL_ACCOUNTS, "generic"),
    STORE: "shopify",
    ADS: "google_ads",
    SITE: "webflow",
    LIST: "mailchimp",
    PHONE: "aircall",
    HEARD: "heard",
    THIN: "thin",
}

OWNER = "sales@example.com"
OWNED = f'owner = "{OWNER}"\n'
SETTINGS = {
    **dict.fromkeys(("generic", "google_ads", "webflow", "mailchimp"), OWNED),
    "aircall": f'{OWNED}unknown_callers = "contact"\n',
    "shopify": f'{OWNED}fallback_product = "ÖVRIGT"\nstage_open = "90%"\n',
    "heard": "",
    "thin": 'catch_up = "1m"\n',
}
SET_BACK = 3.0
"""Seconds by which a clock is set back: less than a horizon, so that what waits for one is not put off for long."""
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


def relay_toml(times: Times, urls: Mapping[str, str]) -> str:
    """`urls`: of what stands in for senders, by connection."""
    connections = "".join(
        f'\n[connections.{name}]\nconnector = "{connector}"\n{SETTINGS[connector]}'
        + (f'source_url = "{urls[name]}"\n' if name in urls else "")
        for name, connector in CONNECTORS.items()
    )
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
