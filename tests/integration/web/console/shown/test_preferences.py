"""How a person wants to see the pages is kept for their own session, a viewer's too."""

from __future__ import annotations

from sqlalchemy import select

from tests.integration.web.console.stage import SAME_SITE, Stage, Visitor, form_token
from worker.store.db.tables import console_sessions


def test_a_viewer_chooses_theme_and_zone_for_themselves(stage: Stage, viewer: Visitor, operator: Visitor) -> None:
    answer = viewer.send("/preferences", theme="dark", zone="America/New_York", next="/events?fate=dead")
    assert (answer.status_code, answer.headers["Location"]) == (303, "/events?fate=dead")
    assert '<html lang="en" data-theme="dark">' in viewer.get("/events").text
    with stage.store.read() as conn:
        kept = {row.name: (row.theme, row.zone) for row in conn.execute(select(console_sessions))}
    assert kept == {"vera": ("dark", "America/New_York"), "anna": ("", "Europe/Stockholm")}
    assert viewer.send("/preferences", theme="").headers["Location"] == "/"
    with stage.store.read() as conn:
        zones = {row.zone for row in conn.execute(select(console_sessions))}
    assert zones == {"America/New_York", "Europe/Stockholm"}, "what is left out stays"


def test_what_there_is_not_is_refused(viewer: Visitor) -> None:
    assert viewer.send("/preferences", zone="Mars/Olympus").status_code == 400
    assert viewer.send("/preferences", theme="pink").status_code == 400


def test_nobody_changes_another_session(stage: Stage, viewer: Visitor, operator: Visitor) -> None:
    theirs = form_token(operator.get("/events").text)
    for fields, headers in (({"csrf": theirs}, SAME_SITE), ({}, SAME_SITE)):
        given = {**fields, "theme": "dark"}
        assert viewer.client.post("/preferences", data=given, headers=headers).status_code == 403
    assert viewer.send("/preferences", headers={"Sec-Fetch-Site": "cross-site"}, theme="dark").status_code == 403
    nobody = stage.visitor().client.post("/preferences", data={"theme": "dark"}, headers=SAME_SITE)
    assert (nobody.status_code, nobody.headers["Location"]) == (303, "/sign-in")
