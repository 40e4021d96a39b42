"""Holds everything of a sandbox in memory, behind one lock.

Accounts, keys, budgets, faults, the call log.
"""

from __future__ import annotations

import heapq
import secrets
import threading
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from random import Random

from web.sandbox.answers import Record
from web.sandbox.budgets import UNSIGNED, Budgets, Standing
from web.sandbox.calls import CallLog
from web.sandbox.customer import Customer
from web.sandbox.entities import ENTITIES
from web.sandbox.faults import Faults
from web.sandbox.options import SandboxKey, SandboxOptions, Window
from web.sandbox.seeds import furnish
from web.sandbox.writes import Write, create

NEW_ACCOUNTS = 2_000_000_000
"""Above it are the customer ids that are drawn: no Upsales account has one."""


def _new_account() -> int:
    return NEW_ACCOUNTS + 1 + secrets.randbelow(7_000_000_000)


@dataclass(frozen=True, slots=True)
class Caller:
    """Whose key a request came with: the key's name, its account, its pseudo user there."""

    name: str
    customer: Customer
    user: int


class World:
    """Hold `lock` around everything here. `clock` answers epoch seconds."""

    def __init__(self, options: SandboxOptions, clock: Callable[[], float], sleep: Callable[[float], None]) -> None:
        self.options = options
        self.clock = clock
        self.sleep = sleep
        self.lock = threading.RLock()
        self.reset()

    def reset(self) -> None:
        """Begin anew: fresh accounts, and only the keys of the options."""
        self._random = Random(self.options.seed)  # noqa: S311 - a chaos run must be repeatable
        self._later: list[tuple[float, int, Callable[[float], object]]] = []
        self._planned = 0
        self._callers: dict[str, Caller] = {}
        self.customers: dict[int, Customer] = {}
        self.calls = CallLog()
        self.faults = Faults(self.options.seed)
        self.budgets = Budgets(self.options.phase, self.options.seed)
        drawn = {key.account: _new_account() for key in self.options.keys.values()}
        for secret, key in self.options.keys.items():
            account = drawn[key.account] if self.options.new_accounts else key.account
            self.add_key(replace(key, account=account), secret)

    def settle(self) -> float:
        """Let happen what was due since the last look; answer the time."""
        now = self.clock()
        while self._later and self._later[0][0] <= now:
            due, _, job = heapq.heappop(self._later)
            job(due)
        return now

    def later(self, due: float, job: Callable[[float], object]) -> None:
        """Do something at that time: at the next look after it, which is the same to whoever looks."""
        self._planned += 1
        heapq.heappush(self._later, (due, self._planned, job))

    @property
    def waiting(self) -> int:
        return len(self._later)

    def jitter(self) -> float:
        return self.options.latency + self._random.uniform(0, self.options.jitter)

    def customer(self, customer_id: int, name: str = "") -> Customer:
        """The account with this customer id; made and furnished when it is asked for first."""
        if customer_id not in self.customers:
            # Ids differ between accounts, as they do in Upsales: who hard-codes one finds out here.
            first_id = 1 + 10 * len(self.customers)
            made = Customer(customer_id, name or f"Sandbox {customer_id}", self._lag, first_id)
            self.customers[customer_id] = made
            furnish(made, self.clock())
        return self.customers[customer_id]

    def add_key(self, key: SandboxKey, secret: str = "") -> str:
        """Make a key and its pseudo user; answer the key, which is told this once."""
        secret = secret or secrets.token_hex(32)
        customer = self.customer(key.account, key.account_name)
        if self.key_named(key.name):
            raise ValueError(f"there is a key named {key.name!r} already; delete it first")
        user = self.write_as_person(customer, "users", {"name": key.name, "active": 1})
        address = f"{user['id']}.{customer.id}@api.upsales.com"
        customer.put("users", {**user, "email": address}, self.clock(), at_once=True)
        self.write_as_person(customer, "apikeys", {"name": key.name, "active": True})
        self._callers[secret] = Caller(key.name, customer, user["id"])
        return secret

    def drop_key(self, name: str) -> bool:
        """Revoke a key: from now on it is answered 401. Its pseudo user stays, inactive."""
        secret = next((secret for secret, caller in self._callers.items() if caller.name == name), None)
        if secret is None:
            return False
        caller = self._callers.pop(secret)
        customer, now = caller.customer, self.clock()
        user = customer.get("users", caller.user) or {}
        customer.put("users", {**user, "active": 0}, now)
        for row in [row for row in customer.records("apikeys") if row["name"] == name]:
            customer.remove("apikeys", row["id"], now)
        return True

    def callers(self) -> Iterable[Caller]:
        return self._callers.values()

    def caller(self, secret: str | None) -> Caller | None:
        return self._callers.get(secret) if secret else None

    def key_named(self, name: str) -> Caller | None:
        return next((caller for caller in self._callers.values() if caller.name == name), None)

    def charge(self, caller: Caller | None, *, write: bool, burst: int | None, now: float) -> Standing:
        """Count a call; `burst` is an endpoint's own limit, which stands in for the first window."""
        if caller is None:
            return self.budgets.hit("", [("calls", window) for window in UNSIGNED], now)
        windows: list[tuple[str, Window]] = [("calls", window) for window in self.options.calls]
        if burst and windows:
            windows[0] = ("burst", (burst, self.options.calls[0][1]))
        if write:
            windows += [("writes", window) for window in self.options.writes]
        return self.budgets.hit(f"{caller.customer.id}:{caller.user}", windows, now)

    def write_as_person(self, customer: Customer, resource: str, body: Record, *, user: int | None = None) -> Record:
        """Create a record as somebody at a desk: with what the API only reads, and shown in lists at once."""
        now = self.clock()
        author = user or next((row["id"] for row in customer.records("users")), 0)
        made = create(Write(customer, ENTITIES[resource], body, author, now, person=True))
        customer.put(resource, made, now, at_once=True)
        return made

    def _lag(self) -> float:
        return self._random.uniform(0.5, 1.0) * self.options.search_lag
