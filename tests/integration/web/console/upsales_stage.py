"""A console whose connections write to a sandbox: one with a stored key, one with a key of the environment, one that is wrong."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from cryptography.fernet import Fernet

from tests.integration.delivery.room import Sandbox
from tests.integration.web.console.stage import OPERATOR, VIEWER, Stage
from worker.keys import stored
from worker.keys.fingerprints import Kind
from worker.settings import load
from worker.store.lanes import connections
from worker.store.lanes.connections import State

TABLES = """
[upsales]
search_lag = 0
commit_horizon = 0
call_timeout = 2
[connections.butik]
connector = "generic"
owner = "asa.oberg@example.com"
[connections.kassa]
connector = "generic"
[connections.trasig]
connector = "generic"
ownr = "asa.oberg@example.com"
"""
KEY, SECRET = "nyckel-butik-åäö", "butikens-hemlighet-4711"  # the sandbox knows this key
NOWHERE = "127.0.0.1:1"
MASTER = Fernet.generate_key().decode()


@dataclass(frozen=True, slots=True)
class Shop:
    """`butik`: key and secret in the database. `kassa`: both in the environment. `trasig`: a setting is wrong."""

    stage: Stage
    sandbox: Sandbox
    environ: Mapping[str, str]

    @contextmanager
    def once_more(self, environ: Mapping[str, str]) -> Iterator[Shop]:
        """The same installation, in another process's environment."""
        stage = Stage(load(environ), environ)
        yield Shop(stage, self.sandbox, environ)
        stage.close()

    def fingerprint(self, value: str) -> str:
        return self.stage.parts.keys.fingerprint(value)

    def put(self, value: str, kind: Kind = "api_key", connection: str = "butik") -> None:
        keys = self.stage.parts.keys
        stored.put(self.stage.store, connection, kind, keys.fingerprint(value), keys.encrypted(value))
        keys.look_again()

    def state(self, connection: str = "butik") -> State:
        with self.stage.store.read() as conn:
            return connections.get(conn, connection)

    def another_key(self, key: str, *, account: int = 1) -> str:
        """Made in Upsales."""
        self.sandbox.control(
            "POST", "/keys", {"name": key, "account": account, "key": key, "account_name": "Provkonto"}
        )
        return key


@contextmanager
def opened(database_url: str, redis_url: str, sandbox: Sandbox, home: Path, **environ: str) -> Iterator[Shop]:
    config = home / "relay.toml"
    config.write_text(TABLES, "utf-8")
    given: Mapping[str, str] = {
        "RELAY_CONFIG": str(config),
        "DATABASE_URL": database_url,
        "REDIS_URL": redis_url,
        "UPSALES_BASE_URL": f"{sandbox.url}/api/v2",
        "RELAY_MASTER_KEY": MASTER,
        "RELAY_ADMIN_TOKEN": f"anna:{OPERATOR}",
        "RELAY_VIEWER_TOKEN": f"vera:{VIEWER}",
        "RELAY_KASSA_API_KEY": "nyckel-kassa",
        "RELAY_KASSA_SECRET": "kassans-hemlighet-4711",
        **environ,
    }
    stage = Stage(load(given), given)
    shop = Shop(stage, sandbox, given)
    shop.put(KEY)
    shop.put(SECRET, "secret")
    yield shop
    stage.close()
