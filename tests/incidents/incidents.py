"""The incidents: what breaks, what tells it, and what mends it."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass

from sqlalchemy import select

from tests.incidents.site import FORM, KEYS, SECRET, SHOP, Site
from worker.store.db.clock import now
from worker.store.db.tables import events, hours, minutes
from worker.store.instruments.counters import RECEIVED, hour_of

WRONG_SECRET = "whsec_" + "ZmVsIGhlbWxpZ2hldCBmZWw="
DELIVERED = "delivered"
WEEKS = 5
NOTICED = 11.0
"""Seconds: workers believe for ten that something is missing in Upsales."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Incident:
    """`series`: as `measures` writes them, and from what value on it tells. `doctor`: how its finding begins. `mend`: for the table.

    An alert is its kind and connection; None where the relay can't tell it itself, as nothing can be stored. `beside`: kinds that may open as well.
    """

    name: str
    breaks: Callable[[Site], None]
    mends: Callable[[Site], None]
    mend: str
    alert: tuple[str, str | None] | None
    series: str
    value: float
    doctor: str
    beside: Sequence[str] = ()
    unready: bool = False

    def shows(self, found: float | None) -> bool:
        return found is not None and (found == 0 if self.value == 0 else found >= self.value)


def _delete_key(site: Site) -> None:
    site.client.delete(f"{site.sandbox}/sandbox/keys/{SHOP}").raise_for_status()
    site.send(SHOP, 3)


def _new_key(site: Site) -> None:
    site.sandbox_post("/keys", {"name": SHOP, "key": "nyckel-ny", "account": 1})
    site.write_file("shop.key", "nyckel-ny")


def _unknown_user(site: Site) -> None:
    site.send(SHOP, 2, users=["ny.person@example.com"])


def _make_user(site: Site) -> None:
    user = {"name": "Ny Person", "email": "ny.person@example.com"}
    site.sandbox_post("/records", {"account": 1, "resource": "users", "data": user})
    time.sleep(NOTICED)
    replayed = site.relay("dead", "replay", "--all", "--connection", SHOP, "--rate", "600/min", "--yes")
    assert replayed.returncode == 0, replayed.stderr


def _two_of_one_name(site: Site) -> None:
    for _ in range(2):
        site.sandbox_post("/records", {"account": 1, "resource": "accounts", "data": {"name": "Tvilling AB"}})
        site.there_before.append("Tvilling AB")
    time.sleep(1)
    site.send(SHOP, 1, name="Tvilling AB")


def _adopt(site: Site) -> None:
    with site.store.read() as conn:
        row = conn.execute(select(events.c.id, events.c.candidates).where(events.c.status == "review")).one()
    adopted = site.relay("review", "adopt", row.id, str(row.candidates[0]), "--yes")
    assert adopted.returncode == 0, adopted.stderr


def _upsales_away(site: Site) -> None:
    site.faults({"kind": "outage", "seconds": 600, "drop": True})
    for name in KEYS:
        site.send(name, 4)


def _upsales_back(site: Site) -> None:
    site.faults()
    for name in KEYS:
        assert site.relay("connections", "resume", name).returncode == 0


def _wrong_secret(site: Site) -> None:
    site.send(SHOP, 6, secret=WRONG_SECRET)


def _secret_lost(site: Site) -> None:
    site.write_file("form.secret", "")
    time.sleep(2)
    site.send(FORM, 1)


def _secret_back(site: Site) -> None:
    site.write_file("form.secret", SECRET)


def _rhythm(site: Site) -> None:
    """As if sixty events had come each hour for weeks, but none for half a day."""
    with site.store.write() as conn:
        hour = hour_of(now(conn))
        then = range(hour - WEEKS * 168, hour - 12)
        # What came was delivered, too: else all of it would count as waiting.
        rows = [
            {"connection": SHOP, "what": what, "hour": each, "n": 60} for each in then for what in (RECEIVED, DELIVERED)
        ]
        conn.execute(hours.insert(), rows)
        # The event with which the installation was tried came just now.
        conn.execute(minutes.delete().where(minutes.c.connection == SHOP, minutes.c.what == RECEIVED))


class _Down:
    """A process that is killed, and started again."""

    def __init__(self, name: str, *, then: Callable[[Site], None] = lambda _: None) -> None:
        self._name = name
        self._then = then
        self._held: AbstractContextManager[None] | None = None

    def breaks(self, site: Site) -> None:
        self._held = site.supervision.down(self._name)
        self._held.__enter__()
        self._then(site)

    def mends(self, _site: Site) -> None:
        assert self._held is not None
        self._held.__exit__(None, None, None)


def _send(site: Site) -> None:
    for name in KEYS:
        site.send(name, 3)


def incidents() -> Sequence[Incident]:
    redis, worker, beat, database = (
        _Down("redis", then=_send),
        _Down("worker", then=_send),
        _Down("beat"),
        _Down("postgresql"),
    )
    return (
        Incident(
            name="an API key was deleted", breaks=_delete_key, mends=_new_key, mend="the new key in its file",
            alert=("connection_paused", SHOP), series="relay_connection_paused{shop}", value=1, doctor="shop: account: Upsales does not accept the API key",
        ),
        Incident(
            name="a user is unknown", breaks=_unknown_user, mends=_make_user, mend="`relay dead replay --all`",
            alert=("dead_letters", SHOP), series="relay_dead_letters{shop}", value=1, doctor="shop: dead letters: ",
        ),
        Incident(
            name="two companies match", breaks=_two_of_one_name, mends=_adopt, mend="`relay review adopt`",
            alert=("review_waiting", SHOP), series="relay_reviews{shop}", value=1, doctor="shop: review: ",
        ),
        Incident(
            name="Upsales is away", breaks=_upsales_away, mends=_upsales_back, mend="by itself, or `relay connections resume`",
            alert=("connection_stopped", SHOP), series="relay_connection_stopped{shop}", value=1,
            doctor="shop: deliveries: stopped", beside=("deliveries_late",),
        ),
        Incident(
            name="Redis is gone", breaks=redis.breaks, mends=redis.mends, mend="start it",
            alert=("redis_away", None), series="relay_redis_up{}", value=0, doctor="Redis: it can't be reached",
            beside=("deliveries_late",),
        ),
        Incident(
            name="no worker runs", breaks=worker.breaks, mends=worker.mends, mend="start it",
            alert=("no_worker", None), series="relay_processes{worker}", value=0, doctor="worker: none gives",
            beside=("deliveries_late",),
        ),
        Incident(
            name="beat does not run", breaks=beat.breaks, mends=beat.mends, mend="start it",
            alert=("no_sweep", None), series="relay_processes{beat}", value=0, doctor="beat: none gives",
        ),
        Incident(
            name="the database is away", breaks=database.breaks, mends=database.mends, mend="start it",
            alert=None, series="relay_database_up{}", value=0, doctor="database: The database", unready=True,
        ),
        Incident(
            name="a sender signs with a wrong secret", breaks=_wrong_secret, mends=lambda _: None,
            mend="the right secret at the sender", alert=("webhooks_refused", SHOP),
            series="relay_webhooks_total{shop,unauthorized}", value=6, doctor="shop: webhooks unauthorized: ",
        ),
        Incident(
            name="a signing secret is lost", breaks=_secret_lost, mends=_secret_back, mend="the secret in its place",
            alert=("connection_misconfigured", FORM), series="relay_connection_misconfigured{form}", value=1, doctor="form: signing secret: ",
        ),
        Incident(
            name="a sender is silent", breaks=_rhythm, mends=_send, mend="the sender's page of webhooks",
            alert=("sender_silent", SHOP), series="relay_connection_silent{shop}", value=1, doctor="shop: sender: silent",
        ),
    )  # fmt: skip
