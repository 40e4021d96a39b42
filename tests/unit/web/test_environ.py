"""A request of granian's as WSGI tells it."""

from __future__ import annotations

from tests.unit.web.test_front import Headers, Scope
from web.environ import BODY, environ_of


def test_names_and_values_are_wsgis() -> None:
    headers = Headers({"content-type": "application/json", "content-length": "2", "x-a": "1", "host": "relay.se"})
    environ = environ_of(Scope("/webhooks/å", headers=headers, query_string="a=%20"), b"{}")

    told = {
        "REQUEST_METHOD": "POST",
        "PATH_INFO": "/webhooks/å".encode().decode("latin-1"),
        "QUERY_STRING": "a=%20",
        "CONTENT_TYPE": "application/json",
        "CONTENT_LENGTH": "2",
        "HTTP_X_A": "1",
        "HTTP_HOST": "relay.se",
        "REMOTE_ADDR": "192.0.2.7",
        "SERVER_PORT": "8000",
        BODY: b"{}",
    }
    assert told.items() <= environ.items()


def test_of_a_header_that_comes_twice_both_are_kept() -> None:
    class Twice:
        def get(self, _name: str) -> str | None:
            return "1"

        def items(self) -> list[tuple[str, str]]:
            return [("x-a", "1"), ("x-a", "2")]

    assert environ_of(Scope(headers=Twice()), b"")["HTTP_X_A"] == "1,2"


def test_nothing_of_our_own_environment_is_in_it() -> None:
    assert "PATH" not in environ_of(Scope(), b"")


def test_no_header_reads_as_another() -> None:
    headers = Headers({"x_forwarded_email": "anna@example.com", "x-forwarded-email": "vera@example.com"})
    assert environ_of(Scope(headers=headers), b"")["HTTP_X_FORWARDED_EMAIL"] == "vera@example.com"
    assert "HTTP_X_A" not in environ_of(Scope(headers=Headers({"x_a": "1"})), b"")
