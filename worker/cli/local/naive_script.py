"""Does what a script does with a webhook: searches, writes, and tries again on an error.

`python -m worker.cli.local.naive_script`, the webhook as JSON on standard input. The demo runs it beside the relay, to compare.
"""

from __future__ import annotations

import json
import os
import sys
import time
from collections.abc import Mapping
from http.client import HTTPConnection, HTTPException
from typing import Any
from urllib.parse import urlencode, urlsplit

API, KEY = "NAIVE_API", "NAIVE_KEY"
"""Of the environment: keys are no arguments."""
ORDER_NAME = "Shopify #{}"
TRIES = 3
AGAIN_AFTER = 0.1
TIMEOUT = 10.0
OWNER = "sales@example.com"


class Refused(Exception):
    """Upsales answered with an error."""


class Script:
    def __init__(self, api: str, key: str) -> None:
        self._api, self._key = urlsplit(api), key

    def take(self, told: Mapping[str, Any]) -> None:
        """The company by its name, the person by her e-mail address, the order by its number: what is not found is made."""
        company = self._found_or_made("accounts", "name", told["company"], {})
        person = {"name": told["person"], "client": {"id": company}}
        contact = self._found_or_made("contacts", "email", told["email"], person)
        if told["order"] is not None:
            stage = self._one("orderstages", "probability", 100 if told["paid"] else 90)
            order = {
                "client": {"id": company},
                "contact": {"id": contact},
                "stage": {"id": stage},
                "user": {"id": self._one("users", "email", OWNER)},
                "date": "2026-03-02",
                "orderRow": [
                    {"product": {"id": self._one("products", "articleNo", "ÖVRIGT")}, "quantity": 1, "price": 12500}
                ],
            }
            made = self._found_or_made("orders", "description", ORDER_NAME.format(told["order"]), order)
            self._call("PUT", f"orders/{made}", {"stage": {"id": stage}})

    def _found_or_made(self, path: str, field: str, value: str, rest: Mapping[str, Any]) -> int:
        found = self._call("GET", path, **{field: f"eq:{value}"})
        return int(found[0]["id"] if found else self._call("POST", path, {field: value, **rest})["id"])

    def _one(self, path: str, field: str, value: Any) -> int:
        return next(int(row["id"]) for row in self._call("GET", path) if row.get(field) == value)

    def _call(self, method: str, path: str, body: Any = None, **query: str) -> Any:
        connection = HTTPConnection(self._api.hostname or "", self._api.port, timeout=TIMEOUT)
        asked = f"{self._api.path}/{path}?{urlencode({'token': self._key, **query})}"
        try:
            connection.request(method, asked, json.dumps(body) if body else None, {"Content-Type": "application/json"})
            answer = connection.getresponse()
            text = answer.read()
        finally:
            connection.close()
        if answer.status >= 300:
            raise Refused(f"{method} {path}: {answer.status}")
        return json.loads(text)["data"]


def main() -> None:
    told = json.load(sys.stdin)
    script = Script(os.environ[API], os.environ[KEY])
    for left in reversed(range(TRIES)):
        try:
            script.take(told)
        except (OSError, HTTPException, Refused):
            if not left:
                raise
            time.sleep(AGAIN_AFTER)
        else:
            return


if __name__ == "__main__":
    main()
