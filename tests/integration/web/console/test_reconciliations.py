"""What reconciliations found: on a page and in the admin API."""

from __future__ import annotations

from tests.integration.web.console.stage import OPERATOR, Stage, Visitor
from tests.integration.web.console.structure import faults
from worker.store.db.clock import now
from worker.store.sources import reconciliations
from worker.store.sources.findings import Finding
from worker.store.sources.reconciliations import Reconciliation


def found(stage: Stage, connection: str, *findings: Finding, **counts: int) -> None:
    with stage.store.write() as conn:
        run, began = reconciliations.begin(conn)
        done = Reconciliation(
            id=run,
            connection=connection,
            kinds=["order"],
            since=None,
            whole=True,
            repair=False,
            over_people=False,
            by="anna",
            started_at=began,
            ended_at=now(conn),
            counts=counts,
            findings=findings,
            more=3,
        )
        reconciliations.store(conn, done)


def finding(thing: str) -> Finding:
    return Finding(
        what="different",
        kind="order",
        thing=thing,
        resource="order",
        key=f"order:{thing}",
        record_id=4711,
        fields={"notes": "never_sent"},
        newer="sender",
        mends=True,
    )


def test_the_last_of_each_connection_is_shown(stage: Stage, operator: Visitor) -> None:
    assert "Nothing was compared yet" in operator.get("/reconciliations").text
    found(stage, "butik", finding("1"), things=9, different=4)
    found(stage, "butik", finding("2"), things=10, different=4)
    found(stage, "natt", things=3)

    natt, butik = operator.told("/reconciliations", OPERATOR)["data"]
    assert (natt["connection"], natt["findings"], natt["counts"]["extra"]) == ("natt", [], 0)
    assert (butik["findings"][0]["thing"], butik["counts"]["different"], butik["more"]) == ("2", 4, 3)

    page = operator.get("/reconciliations").text
    assert "notes (never sent)" in page
    assert "And 3 more." in page
    assert faults(page) == []
