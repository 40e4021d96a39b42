"""A person gives a grant: the browser comes back, the code is exchanged, the grant is stored and kept as proof."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest
from click.testing import CliRunner
from sqlalchemy import select

from tests.fakes.granting import BY_CLIENT, REFRESHED, TOKEN, Granter, connection
from tests.integration.sources.test_grants import ENVIRON, granted
from worker.admin.parts import Parts
from worker.admin.refusals import Refusal
from worker.cli import relay
from worker.cli.connections_authorize import walk
from worker.cli.context import Installation
from worker.cli.redirect_listener import RedirectListener
from worker.errors import ConfigError, RelayError, SourceForbidden
from worker.keys import Keys
from worker.keys import grants as stored
from worker.sdk.connector import ByVerifyToken
from worker.sdk.source import Sign
from worker.settings import Settings
from worker.sources.grants import Grants
from worker.sources.grants_transport import token_endpoint
from worker.sources.signer import TokenSigner
from worker.store import Store
from worker.store.db.tables import audit
from worker.store.people.audit import Actor

ACTOR = Actor("åsa", "command")


class Endpoint(HTTPServer):
    """A token endpoint on this machine."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Exchange)
        self.forms: list[dict[str, list[str]]] = []
        self.answer: tuple[int, bytes] = (
            200,
            json.dumps({"access_token": "tilltrade-1", "refresh_token": "fornyelse-1", "expires_in": 3600}).encode(),
        )


class _Exchange(BaseHTTPRequestHandler):
    server: Endpoint

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["content-length"])).decode()
        self.server.forms.append({"path": [self.path], **parse_qs(body)})
        status, answer = self.server.answer
        self.send_response(status)
        self.send_header("Location", "https://annan.example/")
        self.send_header("Content-Length", str(len(answer)))
        self.end_headers()
        self.wfile.write(answer)

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture
def endpoint() -> Iterator[Endpoint]:
    with Endpoint() as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
        thread.start()
        yield server
        server.shutdown()
        thread.join()


def parts(store: Store, endpoint: Endpoint, sign: Sign = REFRESHED, environ: dict[str, str] = ENVIRON) -> Parts:
    made = connection(sign, source_url=f"http://127.0.0.1:{endpoint.server_port}")
    installation = Installation(environ)
    installation.__dict__ |= {
        "settings": Settings(connections={"avtal": made}),
        "store": store,
        "keys": Keys(environ, store),
    }
    return installation


def browser(url: str, listener: RedirectListener) -> Callable[[], str]:
    """Agrees at once, and looks for an icon first."""

    def visit() -> None:
        assert httpx.get(listener.redirect.replace("callback", "favicon.ico")).status_code == 404
        told = parse_qs(urlsplit(url).query)
        page = httpx.get(listener.redirect, params={"code": "kod-hemlig", "state": told["state"][0]})
        assert (page.status_code, "kod" in page.text) == (200, False)

    def answer() -> str:
        thread = threading.Thread(target=visit)
        thread.start()
        found = listener.wait(60)
        thread.join()
        return found

    return answer


def test_a_browser_comes_back_and_the_grant_is_stored(
    store: Store, endpoint: Endpoint, capsys: pytest.CaptureFixture[str]
) -> None:
    ours, shown = parts(store, endpoint), ""

    with RedirectListener(0) as listener:

        def answer() -> str:
            nonlocal shown
            shown = capsys.readouterr().out
            return browser(shown.strip(), listener)()

        given = walk(ours, ACTOR, "avtal", listener.redirect, answer, "nytt avtal")
        redirect = listener.redirect
    (form,) = endpoint.forms
    assert (form["path"], form["grant_type"], form["code"]) == (
        ["/oauth/token"],
        ["authorization_code"],
        ["kod-hemlig"],
    )
    assert form["redirect_uri"] == [redirect]
    assert (given.renewable, given.paused) == (True, False)
    assert given.ends is not None
    signer = TokenSigner(ours.keys, Grants(store, ours.keys, lambda _: pytest.fail("nothing is due")))
    assert signer.headers(ours.settings.connections["avtal"]) == {"Authorization": "Bearer tilltrade-1"}
    with store.read() as conn:
        (deed,) = conn.execute(select(audit)).all()
    assert (deed.who, deed.act, deed.about, deed.why) == ("åsa", "authorize", "connection/avtal", "nytt avtal")
    assert deed.outcome == f"grant of client {ours.keys.fingerprint(TOKEN)}, until {given.ends:%Y-%m-%d}"
    assert not any(secret in f"{deed}{shown}" for secret in ("tilltrade", "fornyelse", "kod-hemlig", "klienthemlighet"))


def refused(act: Callable[[], object], *failures: type[Exception]) -> str:
    with pytest.raises(failures) as raised:
        act()
    return str(raised.value)


def pasted(store: Store, endpoint: Endpoint, answer: str, **changes: Any) -> Callable[[], object]:
    return lambda: walk(parts(store, endpoint, **changes), ACTOR, "avtal", "https://a.example/cb", lambda: answer)


def test_an_answer_to_another_question_asks_for_nothing(store: Store, endpoint: Endpoint) -> None:
    line = refused(pasted(store, endpoint, "https://a.example/cb?code=kod&state=fel"), ConfigError)
    assert line == "that answers another question than was asked now (its state differs): begin anew"
    assert endpoint.forms == []


@pytest.mark.parametrize(
    ("answer", "line"),
    [
        ((400, b'{"error": "invalid_grant"}'), "avtal: the token endpoint answered 400 invalid_grant: codes count for a minute, and once; begin anew"),
        ((302, b""), "avtal: the token endpoint answered 302"),
        ((200, b"x" * 300_000), "avtal: the answer of the token endpoint is not taken: it is larger than 262144 bytes"),
    ],
)  # fmt: skip
def test_a_code_that_is_worth_nothing_stores_nothing(
    store: Store, endpoint: Endpoint, answer: tuple[int, bytes], line: str, capsys: pytest.CaptureFixture[str]
) -> None:
    endpoint.answer = answer

    def answered() -> str:
        told = parse_qs(urlsplit(capsys.readouterr().out.strip()).query)
        return f"https://a.example/cb?code=kod&state={told['state'][0]}"

    ours = parts(store, endpoint)
    assert refused(lambda: walk(ours, ACTOR, "avtal", "https://a.example/cb", answered), RelayError) == line
    signer = TokenSigner(ours.keys, Grants(store, ours.keys, token_endpoint()))
    assert "has no grant" in refused(lambda: signer.headers(ours.settings.connections["avtal"]), SourceForbidden)


def test_what_can_not_be_authorized_says_why(sqlite_store: Store, endpoint: Endpoint) -> None:
    line = refused(pasted(sqlite_store, endpoint, "", sign=BY_CLIENT), Refusal)
    assert line == "Granter is not read by a grant: there is nothing to authorize"
    without = {"RELAY_MASTER_KEY": ENVIRON["RELAY_MASTER_KEY"]}
    line = refused(pasted(sqlite_store, endpoint, "", environ=without), Refusal)
    assert line == (
        "connection avtal has no token for its sender's API: set RELAY_AVTAL_TOKEN or `relay keys set avtal --token`;"
        " of this sender it is `client id:client secret`"
    )
    line = refused(pasted(sqlite_store, endpoint, "", environ={"RELAY_AVTAL_TOKEN": TOKEN}), ConfigError)
    assert line.startswith("RELAY_MASTER_KEY is not set")


def test_nobody_comes_back() -> None:
    times = iter([0.0, 700.0])
    with RedirectListener(0, lambda: next(times)) as listener:
        line = refused(lambda: listener.wait(600), ConfigError)
    assert line == "nobody came back from the sender within 10 min: begin anew, or give --paste"


def test_a_port_that_is_taken_says_so() -> None:
    with RedirectListener(0) as listener:
        port = listener.server_address[1]
        line = refused(lambda: RedirectListener(port), ConfigError)
    assert line.startswith(f"port {port} of this machine can't be listened on: ")


def test_a_token_is_stored_with_its_end(sqlite_store: Store, endpoint: Endpoint) -> None:
    environ = {"RELAY_MASTER_KEY": ENVIRON["RELAY_MASTER_KEY"]}

    def run(*arguments: str, stdin: str = "") -> Any:
        return CliRunner().invoke(relay, arguments, input=stdin, obj=parts(sqlite_store, endpoint, environ=environ))

    wrong = run("keys", "set", "avtal", "--token", stdin="klienthemlighet\n")
    assert (wrong.exit_code, "klienthemlighet" in wrong.output) == (2, False)
    assert wrong.stderr == "relay: that can't be one: it has to be `client id:client secret`\n"
    assert run("keys", "set", "avtal", "--token", "--ends", "2027-01-32").exit_code == 2
    done = run("keys", "set", "avtal", "--token", "--ends", "2027-01-31", stdin=f"  {TOKEN} \n")
    assert (done.exit_code, "klienthemlighet" in done.output) == (0, False)
    (listed,) = json.loads(run("keys", "list", "--json").stdout)
    assert (listed["kind"], listed["source"], listed["ends"][:10]) == ("token", "stored", "2027-01-31")
    assert Keys(environ, sqlite_store).token("avtal") == TOKEN
    with sqlite_store.read() as conn:
        (deed,) = conn.execute(select(audit)).all()
    assert (deed.act, deed.outcome) == ("set-token", f"token {listed['fingerprint']}, ends 2027-01-31")
    assert run("keys", "drop", "avtal", listed["fingerprint"]).exit_code == 0
    assert Keys(environ, sqlite_store).token("avtal") is None


def test_a_verify_token_is_stored_where_a_sender_says_one(sqlite_store: Store, endpoint: Endpoint) -> None:
    environ = {"RELAY_MASTER_KEY": ENVIRON["RELAY_MASTER_KEY"]}
    told = parts(sqlite_store, endpoint, environ=environ)

    def run(*arguments: str) -> Any:
        return CliRunner().invoke(relay, ["keys", "set", "avtal", *arguments], input="hemligt-ord\n", obj=told)

    silent = run("--verify-token")
    assert (silent.exit_code, "hemligt-ord" in silent.output) == (2, False)
    assert "says none in a handshake" in silent.stderr
    avtal = told.settings.connections["avtal"]
    asks = replace(avtal.connector, handshakes=(ByVerifyToken(lambda _request, _tokens: None),))
    told.__dict__["settings"] = replace(told.settings, connections={"avtal": replace(avtal, connector=asks)})
    assert run("--verify-token", "--token").stderr == "relay: --token and --verify-token: give one of them\n"
    done = run("--verify-token")
    assert (done.exit_code, "hemligt-ord" in done.output) == (0, False)
    keys = Keys(environ, sqlite_store)
    assert (keys.verify_tokens("avtal"), keys.secrets("avtal"), keys.token("avtal")) == (["hemligt-ord"], [], None)


def test_with_a_token_goes_what_was_granted_to_it(store: Store, endpoint: Endpoint) -> None:
    granted(store, Granter())
    fingerprint = Keys(ENVIRON, store).fingerprint(TOKEN)

    def run(connection: str) -> int:
        return (
            CliRunner().invoke(relay, ["keys", "drop", connection, fingerprint], obj=parts(store, endpoint)).exit_code
        )

    assert [run("annan"), run("avtal"), run("avtal")] == [2, 0, 2]
    with store.read() as conn:
        assert stored.every(conn) == []
