"""Turns a webhook into a task that searches, then creates, and retries on any error."""

from __future__ import annotations

import json
import os
from typing import Any

import httpx
from celery import Celery
from flask import Flask, Response, request
from standardwebhooks import Webhook
from standardwebhooks.webhooks import WebhookVerificationError

KEYS: dict[str, str] = json.loads(os.environ["NAIVE_KEYS"])
SECRETS: dict[str, str] = json.loads(os.environ["NAIVE_SECRETS"])
OWNER = "sales@example.com"

app = Flask(__name__)
celery = Celery("naive", broker=os.environ["REDIS_URL"])
celery.conf.update(
    task_acks_late=True,
    task_ignore_result=True,
    worker_prefetch_multiplier=1,
    broker_connection_retry_on_startup=True,
    # Scaled like everything else; Celery's default is an hour.
    broker_transport_options={"visibility_timeout": 20, "unacked_restore_interval": 2},
)


@app.post("/webhooks/<connection>")
def receive(connection: str) -> Response:
    try:
        Webhook(SECRETS[connection]).verify(request.get_data(), dict(request.headers))
    except WebhookVerificationError:
        return Response(status=401)
    deliver.delay(connection, request.get_json())
    return Response(status=202)


@app.get("/readyz")
def ready() -> str:
    return "ready"


@celery.task(autoretry_for=(Exception,), retry_backoff=True, retry_backoff_max=4, max_retries=None)  # type: ignore[untyped-decorator, unused-ignore]
def deliver(connection: str, event: dict[str, Any]) -> None:
    with httpx.Client(trust_env=False, timeout=float(os.environ["NAIVE_TIMEOUT"])) as client:
        Upsales(client, connection).write(event["type"].partition(".")[0], event["data"])


class Upsales:
    def __init__(self, client: httpx.Client, connection: str) -> None:
        self._client, self._connection = client, connection

    def write(self, kind: str, data: dict[str, Any]) -> None:
        if kind == "account":
            self._upsert("accounts", {"orgNo": digits(data["orgNo"])}, self._fields(kind, data))
        elif kind == "contact":
            self._upsert("contacts", {"email": data["email"].lower()}, self._fields(kind, data))
        elif kind == "order":
            rows = [self._row(row) for row in data["rows"]]
            fields = self._fields(kind, data) | {
                "orderRow": rows,
                "stage": self._one("orderstages", name=data["stage"]),
            }
            self._upsert("orders", self._external(kind, data["id"]), fields)
        elif kind == "activity":
            fields = self._fields(kind, data) | {"activityType": self._one("activitytypes/activity", name="Att göra")}
            self._upsert("activities", self._external(kind, data["id"]), fields)
        elif kind == "phonecall":
            self._upsert("phoneCall", {"externalId": f"{self._connection} {data['id']}"}, self._fields(kind, data))
        else:
            self._call("POST", "comments", self._fields(kind, data))

    def _fields(self, kind: str, data: dict[str, Any]) -> dict[str, Any]:
        left = {"id", "client", "contact", "rows", "custom", "stage", "user"}
        fields = {name: value for name, value in data.items() if name not in left}
        for name, clean in (("orgNo", digits), ("email", str.lower)):
            if name in fields:
                fields[name] = clean(fields[name])
        if "client" in data:
            number = digits(data["client"]["orgNo"])
            fields["client"] = self._upsert(
                "accounts", {"orgNo": number}, {"name": data["client"]["name"]}, update=False
            )
        if "contact" in data:
            person = {name: data["contact"][name] for name in ("firstName", "lastName")} | {"client": fields["client"]}
            fields["contact"] = self._upsert(
                "contacts", {"email": data["contact"]["email"].lower()}, person, update=False
            )
        owner = self._one("users", email=data.get("user", OWNER))
        fields |= {"users": [owner]} if kind in {"account", "activity"} else {"user": owner}
        custom = [
            {"fieldId": self._field(kind, alias), "value": text} for alias, text in data.get("custom", {}).items()
        ]
        return fields | ({"custom": custom} if custom else {})

    def _external(self, kind: str, key: str) -> dict[str, Any]:
        return {"custom": f"eq:{self._field(kind, 'EXTERNAL_ID')}:{self._connection} {key}"}

    def _upsert(self, path: str, by: dict[str, Any], fields: dict[str, Any], *, update: bool = True) -> dict[str, Any]:
        """Search, then create: between the two, and until the search shows it, everybody else may do the same."""
        ((name, value),) = by.items()
        found = self._call("GET", path, query={name: value if name == "custom" else f"eq:{value}"})
        if found and not update:
            return {"id": found[0]["id"]}
        if name == "custom":
            _, field, text = value.split(":", 2)
            fields = fields | {"custom": [*fields.get("custom", ()), {"fieldId": int(field), "value": text}]}
        else:
            fields = fields | {name: value}
        if found:
            self._call("PUT", f"{path}/{found[0]['id']}", fields)
            return {"id": found[0]["id"]}
        return {"id": self._call("POST", path, fields)["id"]}

    def _one(self, path: str, **by: str) -> dict[str, Any]:
        ((name, value),) = by.items()
        return {"id": next(row["id"] for row in self._call("GET", path) if row[name] == value)}

    def _row(self, row: dict[str, Any]) -> dict[str, Any]:
        product = self._one("products", articleNo=row["articleNo"])
        return {"product": product, "quantity": row["quantity"], "price": row["price"], "listPrice": row["price"]}

    def _field(self, kind: str, alias: str) -> int:
        return next(int(row["id"]) for row in self._call("GET", f"customfields/{kind}") if row["alias"] == alias)

    def _call(self, method: str, path: str, body: Any = None, query: dict[str, str] | None = None) -> Any:
        query = {"token": KEYS[self._connection], "usingFirstnameLastname": "true", **(query or {})}
        response = self._client.request(method, f"{os.environ['UPSALES_BASE_URL']}/{path}", params=query, json=body)
        response.raise_for_status()
        return response.json()["data"]


def digits(number: str) -> str:
    return number.replace("-", "")
