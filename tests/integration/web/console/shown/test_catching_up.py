"""The page of a connection that catches up: how far it is, and why it gets no further."""

from __future__ import annotations

from dataclasses import replace

from tests.fakes.lists import Listing, connection
from tests.integration.delivery.test_catch_up import moment, run
from tests.integration.web.console.stage import ENVIRON, OPERATOR, Stage
from tests.integration.web.console.structure import faults
from worker.delivery.catch_up import CatchUp
from worker.errors import SourceForbidden
from worker.settings import load
from worker.store import Store
from worker.store.db.clock import after
from worker.store.db.tables import cursors as table
from worker.store.sources import cursors


def test_it_tells_of_each_list(sqlite_store: Store) -> None:
    environ = {**ENVIRON, "DATABASE_URL": f"sqlite:///{sqlite_store.file}"}
    settings = replace(load(environ), connections={"bokning": connection()})
    stage = Stage(settings, environ)
    anna = stage.visitor(OPERATOR)
    assert "Nothing was read yet." in anna.get("/connections/bokning").text

    reader = Listing()
    reader.put("1", moment(sqlite_store, 60))
    run(sqlite_store, reader)
    reader.failures.append(SourceForbidden("the token of bokning is not accepted"))
    with sqlite_store.write() as conn:
        cursors.ask(conn, "bokning", ["booking"])
    CatchUp(sqlite_store, lambda _of: reader, "w").run(connection())
    with sqlite_store.write() as conn:
        conn.execute(table.update().values(lost_from=after(-9000), lost_until=after(-8000), lost_at=after(-10)))

    found = stage.visitor().told("/connections/bokning", OPERATOR)["catching_up"]["value"]
    assert (found["every"], found["kinds"]) == (900.0, ["booking"])
    ((one),) = found["lists"]
    assert (one["kind"], one["found"], one["brought"], one["failing"]) == (
        "booking",
        1,
        1,
        "the token of bokning is not accepted",
    )
    page = anna.get("/connections/bokning").text
    assert "is read every 15 min" in page
    assert "booking can&#39;t be read" in page or "booking can't be read" in page
    assert "is lost. The sender told no more of it." in page
    assert faults(page) == []
    stage.close()
