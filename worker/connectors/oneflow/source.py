"""Declares Oneflow's own API: contracts by their ids, all of them, and the signed PDF.

https://developer.oneflow.com/docs/contract
"""

from __future__ import annotations

from typing import Any

from schemas import oneflow
from worker.sdk.mapping.signed import SIGNED_PDF
from worker.sdk.source import Changes, Header, Kind, NextLink, Occurred, Source

PAGE = 100
TYPES = {
    "signed": "contract:sign",
    "declined": "contract:decline",
    "overdue": "contract:signing_period_expire",
    "expired": "contract:signing_period_expire",
}


def unready(contract: Any) -> str | None:
    """For some seconds after it was published a contract lacks its parties and its template. One without a template is taken after a minute."""
    if not isinstance(contract, dict):
        return None
    if not contract.get("parties"):
        return "it has no parties"
    ours = contract.get("_private_ownerside")
    template = (ours.get("template_id") if isinstance(ours, dict) else None) or contract.get("template")
    return None if template else "it has no template"


def stands(contract: Any) -> Occurred | None:
    """The webhook that would have told how it stands. A list does not tell its products, so each is read."""
    if not isinstance(contract, dict) or not isinstance(contract.get("state"), str):
        return None
    kind = TYPES.get(contract["state"])
    if kind is None:
        return None
    moment = contract.get("state_updated_time") or contract.get("updated_time")
    told = {"id": f"{contract.get('id')}:{contract['state']}", "type": kind, "created_time": moment}
    return Occurred(kind, {"contract": {"id": contract.get("id")}, "events": told})


SOURCE = Source(
    url="https://api.oneflow.com/v1",
    sign=Header("x-oneflow-api-token"),
    headers={"x-oneflow-user-email": "{user_email}"},
    kinds={
        "contract": Kind(
            schema=oneflow.Contract,
            get="/contracts/{id}",
            changed="updated_time",
            early=unready,
            early_for=60.0,
            changes=Changes(
                # https://developer.oneflow.com/reference/get-contracts has no filter by when a contract changed.
                everything=f"/contracts?limit={PAGE}",
                items="data",
                changed="updated_time",
                event=stands,
                pages=NextLink("_links.next.href"),
                whole=False,
            ),
        ),
        # The contract itself is always file 1 (https://developer.oneflow.com/docs/contract-file), and is handed out by a storage.
        SIGNED_PDF: Kind(file=True, get="/contracts/{id}/files/1?download=true", stored_elsewhere=True),
    },
)
