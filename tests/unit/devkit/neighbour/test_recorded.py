"""A neighbour knows what the cases of a connector recorded, under the ids that their events ask for."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from tests.fakes.thin_sender import Anything, source_of
from tests.unit.devkit.neighbour.asking import get
from worker.devkit.conformance.paths import Paths
from worker.devkit.neighbour import neighbour_of
from worker.sdk.connector import Connector, Handles, Incoming
from worker.sdk.mapping import field
from worker.sdk.signatures import StaticHeader
from worker.sdk.source import Get


def _signer(incoming: Incoming) -> str | None:
    found = incoming.read["contract"]["parties"][0]["person"]
    return str(found) if found else None


CONNECTOR = Connector(
    name="thin",
    title="Thin",
    signature=StaticHeader("x-token"),
    event_id=field("id"),
    event_type=field("type"),
    handles={
        "contract.signed": Handles(
            schema=Anything,
            plan=lambda _event, _settings: (),
            subject=field("contract"),
            time=field("at"),
            fetch=(
                Get("contract", field("contract")),
                Get("person", _signer, name="signer", optional=True),
                Get("person", field("nobody"), name="other", optional=True),
            ),
        )
    },
    writes={},
    source=source_of(),
)
BODY = {"id": "e1", "type": "contract.signed", "contract": 7, "at": "2026-03-02T08:15:00Z"}
ANSWER = {"contract": {"id": 7, "parties": [{"person": "p1"}], "updated_at": "2026-03-02T08:00:00Z"}, "took": 1}


def _case(folder: Path, body: Any, read: dict[str, Any]) -> None:
    (folder / "read").mkdir(parents=True)
    (folder / "request.json").write_text(json.dumps({"now": "2026-03-02T08:15:06+00:00", "body": body}), "utf-8")
    for name, answer in read.items():
        (folder / "read" / f"{name}.json").write_text(json.dumps(answer), "utf-8")


def test_what_the_cases_read_is_there_and_nothing_else(tmp_path: Path) -> None:
    _case(tmp_path / "cases" / "signed", BODY, {"contract": ANSWER, "signer": {"name": "P"}, "other": {"name": "O"}})
    _case(tmp_path / "cases" / "unread", BODY | {"contract": 8}, {})
    _case(tmp_path / "cases" / "strange", BODY | {"type": "other"}, {"contract": {}})
    of = neighbour_of(CONNECTOR, paths=Paths(tmp_path / "cases", tmp_path / "README.md"))
    assert get(of, "/contracts/7?expand=parties").get_json() == ANSWER
    assert get(of, "/people/p1").get_json() == {"name": "P"}
    assert get(of, "/contracts/8?expand=parties").status_code == 404
    assert [kept.id for kept in of.things.of("person")] == ["p1"]
    listed = get(of, "/contracts", since="2026-03-02T07:59:00+00:00").get_json()["data"]["contracts"]
    assert listed == [ANSWER["contract"]]
