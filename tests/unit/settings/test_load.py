"""Settings: what is right is read, what is wrong is one line that names it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from tests.fakes import granting
from worker.errors import ConfigError
from worker.sdk.connector import Connector
from worker.sdk.mapping import field
from worker.sdk.settings import setting
from worker.sdk.signatures import AnyOf, HmacSha256, StandardWebhooks, UrlToken
from worker.sdk.source import bearer
from worker.settings import Settings, Window, load
from worker.sync.adoption import Adoption
from worker.sync.matching import Matching

GOOD = "whsec_aGVtbGlnaGV0ZW4="


@dataclass(frozen=True)
class ShopSettings:
    owner: str | None = setting(None, doc="Who owns what is made.")
    fallback_company: str = setting("Okända köpare", doc="The company of who has none.")


@dataclass(frozen=True)
class FormSettings:
    owner: str = setting(doc="Who owns what is made.")


def connector(name: str, settings: type) -> Connector:
    return Connector(
        name=name,
        title=name.title(),
        signature=HmacSha256(header="X-Signature"),
        event_id=field("id"),
        event_type=field("type"),
        handles={},
        writes={"account": frozenset({"create", "update"}), "order": frozenset({"create"})},
        settings=settings,
    )


CONNECTORS = (connector("shop", ShopSettings), connector("form", FormSettings))


def loaded(directory: Path, document: str | None = None, environ: Mapping[str, str] | None = None) -> Settings:
    if document is not None:
        (directory / "relay.toml").write_text(document, "utf-8")
    return load(environ or {}, connectors=CONNECTORS, directory=directory)


WRONG_DOCUMENTS = {
    "[upsale]": "relay.toml: there is no table [upsale]; did you mean upsales?",
    "upsales = 1": "relay.toml: upsales must be a table, [upsales]",
    "[upsales": "relay.toml: not TOML: Expected ']' at the end of a table declaration (at end of document)",
    "[upsales]\nserch_lag = 3": "relay.toml [upsales] serch_lag: no such setting; did you mean search_lag?",
    "[upsales]\nsearch_lag = '3'": "relay.toml [upsales] search_lag: '3' is not a number",
    "[delivery]\nclaims = 2": "relay.toml [delivery] claims: must be at least 3",
    "[delivery]\nkeep_delivered = 3600": "relay.toml [delivery] keep_delivered: must be at least 86400",
    "[matching]\nnaem = 'exact'": "relay.toml [matching] naem: no such setting; did you mean name?",
    "[matching]\nname = 'legal form'": "relay.toml [matching] name: must be one of: exact, legal_form",
    "[matching]\nambiguous = 'oldest'": "relay.toml [matching] ambiguous: must be one of: review, as_upsales",
    "[matching]\norder = 'name'": 'relay.toml [matching] order: must be a list such as ["link", "number", "name"]',
    "[matching]\norder = ['link', 'nmae']": "relay.toml [matching] order: 'nmae' is no rule; did you mean name?",
    "[matching]\norder = ['link', 7]": "relay.toml [matching] order: 7 is no rule; there are: contact, domain, link, name, number, phone",
    "[matching]\norder = ['link', 'name', 'name']": "relay.toml [matching] order: names a rule twice",
    "[matching]\norder = ['number', 'link']": "relay.toml [matching] order: must begin with link: what a sender's own id is linked to stays so",
    "[matching]\norder = []": "relay.toml [matching] order: must begin with link: what a sender's own id is linked to stays so",
    "[matching]\nfallback_company = ''": "relay.toml [matching] fallback_company: must not be empty",
    "[upsales]\nsearch_lag = -1": "relay.toml [upsales] search_lag: must be at least 0",
    "[upsales]\nrecreate_deleted = 1": "relay.toml [upsales] recreate_deleted: must be true or false",
    "[upsales]\nauth = 'header'": "relay.toml [upsales] auth: must be one of: query, cookie",
    "[upsales]\nexternal_id = ''": "relay.toml [upsales] external_id: must not be empty",
    "[upsales]\ncalls = 200": 'relay.toml [upsales] calls: must be a list such as ["200/10s", "6000/10m"]',
    "[upsales]\ncalls = ['200/10']": (
        "relay.toml [upsales] calls: '200/10' is no window;"
        ' write calls/time such as "200/10s", "6000/10m" or "20000/1h"'
    ),
    "[upsales]\nbase_url = 'http://integration.upsales.com/api/v2'": (
        "relay.toml [upsales] base_url: must be https, an API key goes over it (http is for localhost only)"
    ),
    "[upsales]\nbase_url = 'https://x:hemlig@upsales.com'": (
        "relay.toml [upsales] base_url: must hold neither credentials nor a query"
    ),
    "[delivery]\nthreads = 1.5": "relay.toml [delivery] threads: must be a whole number",
    "[delivery]\nthreads = true": "relay.toml [delivery] threads: must be a whole number",
    "[delivery]\nlease = 20": ("relay.toml [delivery] lease: 20 s must be longer than call_timeout, 20 s"),
    "[connections.Växjö]": "relay.toml: not TOML: Expected ']' at the end of a table declaration (at line 1, column 15)",
}


@pytest.mark.parametrize(("document", "line"), WRONG_DOCUMENTS.items())
def test_what_is_wrong_in_the_file_is_one_line_that_names_it(tmp_path: Path, document: str, line: str) -> None:
    with pytest.raises(ConfigError) as raised:
        loaded(tmp_path, document)
    assert str(raised.value) == line


FINE = "\n[connections.kassa]\nconnector = 'shop'\n"

WRONG_TABLES = {
    "[connections.'växjö']\nconnector = 'shop'": (
        "relay.toml [connections.växjö]: a connection's name is lower-case letters, digits, - and _,"
        " and starts with a letter"
    ),
    "[connections]\nshop = 1": "relay.toml [connections.shop]: must be a table",
    "[connections.butik]": "relay.toml [connections.butik] connector: missing; there are: form, shop",
    "[connections.butik]\nconnector = 'shopp'": (
        "relay.toml [connections.butik] connector: no such connector: 'shopp'; did you mean shop?"
    ),
    "[connections.shop]\nonwer = 'åsa@example.com'": (
        "relay.toml [connections.shop] onwer: no such setting; did you mean owner?"
    ),
    "[connections.shop]\nbody_limit = '1 MB'": "relay.toml [connections.shop] body_limit: '1 MB' is not a number of bytes",
    "[connections.shop]\nadopt_orders = 'title'": (
        'relay.toml [connections.shop] adopt_orders: must be "description", "notes" or "custom:ALIAS"'
    ),
    "[connections.shop]\nadopt_orders = 'custom:'": (
        'relay.toml [connections.shop] adopt_orders: must be "description", "notes" or "custom:ALIAS"'
    ),
    "[connections.shop]\nadopt_orders = 'notes'\nadopt_number = '#1002'": (
        'relay.toml [connections.shop] adopt_number: must be a text with {number} in it, such as "#{number}"'
    ),
    "[connections.shop]\nadopt_number = '#{number}'": (
        "relay.toml [connections.shop] adopt_number: says nothing without adopt_orders"
    ),
    "[connections.shop]\nwrites = ['account']": (
        'relay.toml [connections.shop] writes: must be a table such as { account = ["create", "update"] }'
    ),
    "[connections.shop]\nwrites = {}": (
        'relay.toml [connections.shop] writes: must be a table such as { account = ["create", "update"] }'
    ),
    "[connections.shop]\nwrites = { contact = ['create'] }": (
        "relay.toml [connections.shop] writes: shop does not write contact; there are: account, order"
    ),
    "[connections.shop]\nwrites = { order = ['update'] }": (
        "relay.toml [connections.shop] writes.order: shop does not update it; there are: create"
    ),
    "[connections.shop]\nwrites = { order = 'create' }": (
        'relay.toml [connections.shop] writes.order: must be a list such as ["create", "update"]'
    ),
}


@pytest.mark.parametrize(("document", "line"), WRONG_TABLES.items())
def test_what_is_wrong_with_a_connections_table_stops_no_other(tmp_path: Path, document: str, line: str) -> None:
    found = loaded(tmp_path, document + FINE)
    assert list(found.connections) == ["kassa"]
    assert list(found.misconfigured.values()) == [line]


def test_of_two_names_that_share_their_variables_neither_is_a_connection(tmp_path: Path) -> None:
    found = loaded(
        tmp_path, "[connections.shop-a]\nconnector = 'shop'\n[connections.shop_a]\nconnector = 'shop'" + FINE
    )
    line = "connections shop-a and shop_a would share RELAY_SHOP_A_API_KEY; rename one of them"
    assert (list(found.connections), found.misconfigured) == (["kassa"], {"shop-a": line, "shop_a": line})


WRONG_ENVIRONMENTS = [
    ({"DATABASE_URL": "mysql://host/db"}, "DATABASE_URL: mysql:// is not supported; use sqlite:/// or postgresql://"),
    (
        {"DATABASE_URL": "sqlite://"},
        "DATABASE_URL: name a file, such as sqlite:///var/relay.db; memory is not shared by processes",
    ),
    ({"REDIS_URL": "amqp://host"}, "REDIS_URL: must start with one of redis://, rediss://"),
    ({"PORT": "80a"}, "PORT: '80a' is not a whole number above 0"),
    ({"PORT": "-1"}, "PORT: '-1' is not a whole number above 0"),
    ({"FLOWER_PORT": "65536"}, "FLOWER_PORT: 65536 is no port; give a number from 1 to 65535"),
    ({"CONSOLE_PORT": "0"}, "CONSOLE_PORT: '0' is not a whole number above 0"),
    ({"CONSOLE_ADDRESS": "värd:1"}, "CONSOLE_ADDRESS: 'värd:1' is no address; write 127.0.0.1, or 0.0.0.0 for all"),
    ({"THREADS": "0"}, "THREADS: '0' is not a whole number above 0"),
    (
        {"UPSALES_BASE_URL": "http://127.0.0.1.example.com"},
        "UPSALES_BASE_URL: must be https, an API key goes over it (http is for localhost only)",
    ),
    (
        {"RELAY_PUBLIC_URL": "relay.example.com"},
        "RELAY_PUBLIC_URL: must be a URL such as https://integration.upsales.com/api/v2",
    ),
    ({"RELAY_MASTERKEY": "k"}, "RELAY_MASTERKEY: no such setting; did you mean RELAY_MASTER_KEY?"),
]


@pytest.mark.parametrize(("environ", "line"), WRONG_ENVIRONMENTS)
def test_what_is_wrong_in_the_environment_is_one_line_that_names_it(
    tmp_path: Path, environ: Mapping[str, str], line: str
) -> None:
    with pytest.raises(ConfigError) as raised:
        loaded(tmp_path, environ=environ)
    assert str(raised.value) == line


@pytest.mark.parametrize(
    ("environ", "line"),
    [
        (
            {"RELAY_SHOPP_API_KEY": "k"},
            "RELAY_SHOPP_API_KEY: no connection is called shopp; remove it, or add the connection",
        ),
        (
            {"RELAY_SHOP_API_KEY": "k", "RELAY_SHOP_SECERT": "s"},
            "RELAY_SHOP_SECERT: no such setting; did you mean RELAY_SHOP_SECRET?",
        ),
        (
            {"RELAY_SHOP_API_KEY": "k", "RELAY_SHPO_TOKEN_FILE": "f", "RELAY_SHOP_TOKEN": "t"},
            "RELAY_SHPO_TOKEN_FILE: no such setting; did you mean RELAY_SHOP_TOKEN_FILE?",
        ),
    ],
)
def test_a_variable_that_is_no_connections_is_told_and_stops_nothing(
    tmp_path: Path, environ: Mapping[str, str], line: str
) -> None:
    found = loaded(tmp_path, environ=environ)
    assert list(found.strays.values()) == [line]
    assert not found.misconfigured


def test_a_token_from_two_places_is_taken_from_none(tmp_path: Path) -> None:
    """Of a connection whose sender is not read it is nobody's affair."""
    environ = {f"RELAY_{name}_{what}": "t" for name in ("AVTAL", "SHOP") for what in ("API_KEY", "TOKEN", "TOKEN_FILE")}
    environ |= {"RELAY_SHOP_API_KEY": "k"}
    found = load(environ, connectors=[*CONNECTORS, granting.connector(bearer())], directory=tmp_path)
    assert not found.misconfigured
    (tmp_path / "relay.toml").write_text('[connections.avtal]\nconnector = "granter"\n[connections.shop]\n', "utf-8")
    found = load(environ, connectors=[*CONNECTORS, granting.connector(bearer())], directory=tmp_path)
    assert found.misconfigured == {"avtal": "RELAY_AVTAL_TOKEN and RELAY_AVTAL_TOKEN_FILE are both set; keep one"}


@pytest.mark.parametrize("name", ["admin", "viewer"])
def test_who_is_read_can_not_be_called_as_the_console_calls_its_own(tmp_path: Path, name: str) -> None:
    (tmp_path / "relay.toml").write_text(f'[connections.{name}]\nconnector = "granter"\n', "utf-8")
    found = load({}, connectors=[granting.connector(bearer())], directory=tmp_path)
    line = f"RELAY_{name.upper()}_TOKEN is the console's; give the connection another name"
    assert found.misconfigured == {name: f"relay.toml [connections.{name}]: {line}"}


def test_a_connection_of_a_key_alone_whose_connector_needs_more_stops_no_other(tmp_path: Path) -> None:
    found = loaded(tmp_path, environ={"RELAY_FORM_API_KEY": "k", "RELAY_SHOP_API_KEY": "l"})
    line = "connection form (RELAY_FORM_API_KEY is set) owner: Missing data for required field (Who owns what is made.)"
    assert (list(found.connections), found.misconfigured) == (["shop"], {"form": line})


WRONG_CREDENTIALS = [
    (
        {"RELAY_SHOP_API_KEY": "k", "RELAY_SHOP_API_KEY_FILE": "key"},
        "RELAY_SHOP_API_KEY and RELAY_SHOP_API_KEY_FILE are both set; keep one",
    ),
    (
        {"RELAY_SHOP_API_KEY_FILE": "/nowhere/nyckel"},
        "RELAY_SHOP_API_KEY_FILE: /nowhere/nyckel can't be read: No such file or directory",
    ),
    (
        {"RELAY_SHOP_API_KEY": "k", "RELAY_SHOP_SECRET_FILE": "/nowhere/hemlighet"},
        "RELAY_SHOP_SECRET_FILE: /nowhere/hemlighet can't be read: No such file or directory",
    ),
    (
        {"RELAY_SHOP_API_KEY": "nyckel och mer"},
        "connection shop: its API key has a blank or a control character in it; copy the key alone",
    ),
]


@pytest.mark.parametrize(("environ", "line"), WRONG_CREDENTIALS)
def test_a_key_or_secret_that_can_not_be_used_makes_its_connection_misconfigured(
    tmp_path: Path, environ: Mapping[str, str], line: str
) -> None:
    document = "[connections.shop]\n[connections.kassa]\nconnector = 'shop'\n"
    found = loaded(tmp_path, document, {**environ, "RELAY_KASSA_API_KEY": "annan"})
    assert list(found.connections) == ["shop", "kassa"], "its table is right, and a file may be mended"
    assert found.misconfigured == {"shop": line}


@pytest.mark.parametrize(
    ("secrets", "line"),
    [
        ("whsec_å", "its signing secret is no base64 behind whsec_: copy all of it from the sender"),
        (
            f"{GOOD},whsec_hemlighet!",
            "signing secret 2 of 2 is no base64 behind whsec_: copy all of it from the sender",
        ),
        ("whpk_AAAA", "its signing secret is no ed25519 key: whpk_ and the base64 of 32 bytes belong there"),
        (GOOD, ""),
        (f"{GOOD},en-token-som-kan-stå-i-url:en", ""),
    ],
)
def test_a_secret_that_its_scheme_can_not_use_is_found(tmp_path: Path, secrets: str, line: str) -> None:
    shop = replace(connector("shop", ShopSettings), signature=AnyOf((StandardWebhooks(), UrlToken())))
    environ = {"RELAY_SHOP_API_KEY": "k", "RELAY_SHOP_SECRET": secrets}
    found = load(environ, connectors=[shop], directory=tmp_path)
    assert found.misconfigured == ({"shop": f"connection shop: {line}"} if line else {})
    assert "hemlighet" not in str(found.misconfigured)


def test_a_named_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(ConfigError) as raised:
        loaded(tmp_path, environ={"RELAY_CONFIG": "annan.toml"})
    assert str(raised.value) == f"RELAY_CONFIG: there is no file {tmp_path}/annan.toml"


TWO_SHOPS = "[connections.nord]\nconnector = 'shop'\n[connections.syd]\nconnector = 'shop'"


def test_two_connections_can_not_have_the_same_key_and_the_key_is_not_told(tmp_path: Path) -> None:
    (tmp_path / "nyckel").write_text("samma-nyckel\n", "utf-8")
    environ = {"RELAY_NORD_API_KEY": "samma-nyckel", "RELAY_SYD_API_KEY_FILE": str(tmp_path / "nyckel")}
    line = "connections nord and syd have the same API key; make one in Upsales for each"
    assert loaded(tmp_path, TWO_SHOPS, environ).misconfigured == {"nord": line, "syd": line}


def test_without_a_file_each_connector_with_a_key_is_a_connection_of_its_name(tmp_path: Path) -> None:
    settings = loaded(tmp_path, environ={"RELAY_SHOP_API_KEY": "k", "RELAY_FORM_SECRET": "s"})
    assert [connection.connector.name for connection in settings.connections.values()] == ["shop"]


def test_a_file_that_names_no_connections_leaves_them_to_the_keys(tmp_path: Path) -> None:
    settings = loaded(tmp_path, "[upsales]\nsearch_lag = 1", {"RELAY_SHOP_API_KEY": "k"})
    assert list(settings.connections) == ["shop"]


def test_a_connection_may_do_less_than_its_connector(tmp_path: Path) -> None:
    settings = loaded(
        tmp_path, "[connections.shop]\nwrites = { account = ['create'] }\nbody_limit = 10\nowner = 'å@b.se'"
    )
    connection = settings.connections["shop"]
    assert connection.writes == {"account": frozenset({"create"})}
    assert connection.body_limit == 10
    assert connection.settings == ShopSettings(owner="å@b.se")


@pytest.mark.parametrize(
    ("told", "adoption"),
    [
        ("adopt_orders = 'notes'", Adoption("notes", "#{number}")),
        ("adopt_orders = 'custom:SHOP_ORDER'", Adoption("custom.SHOP_ORDER", "{number}")),
        ("adopt_orders = 'description'\nadopt_number = 'Order {number}'", Adoption("description", "Order {number}")),
    ],
)
def test_a_connection_may_adopt_orders(tmp_path: Path, told: str, adoption: Adoption) -> None:
    settings = loaded(tmp_path, f"[connections.shop]\nowner = 'å@b.se'\n{told}")
    assert settings.connections["shop"].adoption == adoption


def test_matching_is_one_for_all_connections(tmp_path: Path) -> None:
    settings = loaded(
        tmp_path,
        "[matching]\norder = ['link', 'domain', 'name']\nname = 'legal_form'\nambiguous = 'as_upsales'\n"
        "fallback_company = 'Webbens  ÖVRIGA'\n"
        "[connections.shop]\n[connections.kiosk]\nconnector = 'shop'\nfallback_company = 'Kiosken'\n"
        "[connections.form]\nowner = 'å@b.se'",
    )
    assert settings.matching == Matching(
        order=("link", "domain", "name"),
        name="legal_form",
        ambiguous="as_upsales",
        fallbacks=frozenset({"webbens övriga", "kiosken"}),
    )
    assert settings.connections["shop"].settings == ShopSettings(fallback_company="Webbens  ÖVRIGA")
    assert settings.connections["form"].settings == FormSettings(owner="å@b.se")


def test_windows_are_read_with_their_units_and_sorted(tmp_path: Path) -> None:
    settings = loaded(tmp_path, "[upsales]\ncalls = ['20000/1h', '200/10s', '6000/10m', '90000/1d']")
    assert settings.upsales.calls == (
        Window(200, 10), Window(6000, 600), Window(20000, 3600), Window(90000, 86400),
    )  # fmt: skip


def test_the_file_is_found_from_below_and_paths_are_beside_it(tmp_path: Path) -> None:
    (tmp_path / "relay.toml").write_text("[delivery]\nthreads = 3", "utf-8")
    below = tmp_path / "lager" / "hylla"
    below.mkdir(parents=True)
    settings = load({"DATABASE_URL": "sqlite:///data/relä.db"}, connectors=CONNECTORS, directory=below)
    assert settings.config == tmp_path / "relay.toml"
    assert settings.database_url == f"sqlite:///{tmp_path}/data/relä.db"
    assert settings.delivery.threads == 3


def test_without_a_file_the_database_is_found_from_below(tmp_path: Path) -> None:
    (tmp_path / "var").mkdir()
    (tmp_path / "var" / "relay.db").touch()
    (tmp_path / "docs").mkdir()
    settings = load({}, connectors=CONNECTORS, directory=tmp_path / "docs")
    assert settings.database_url == f"sqlite:///{tmp_path}/var/relay.db"


@pytest.mark.parametrize("scheme", ["postgres", "postgresql", "postgresql+psycopg"])
def test_postgresql_is_reached_by_the_driver_we_have(tmp_path: Path, scheme: str) -> None:
    settings = loaded(tmp_path, environ={"DATABASE_URL": f"{scheme}://kund@host/relay"})
    assert settings.database_url == "postgresql+psycopg://kund@host/relay"


@pytest.mark.parametrize(
    "url", ["http://localhost:8001/api/v2/", "http://127.0.0.9/", "http://[::1]:1", "https://x.se"]
)
def test_upsales_may_be_https_or_on_this_machine(tmp_path: Path, url: str) -> None:
    settings = loaded(tmp_path, "[upsales]\nbase_url = 'https://other.example'", {"UPSALES_BASE_URL": url})
    assert settings.upsales.base_url == url.rstrip("/")


@pytest.mark.parametrize("name", ["DATABASE_URL", "REDIS_URL"])
def test_a_url_with_a_password_can_be_in_a_file(tmp_path: Path, name: str) -> None:
    urls = {"DATABASE_URL": "postgresql://relay:losen@db/relay", "REDIS_URL": "redis://:losen@valkey:6379/0"}
    file = tmp_path / "url"
    file.write_text(f"{urls[name]}\n", "utf-8")

    assert loaded(tmp_path, environ={f"{name}_FILE": str(file)}) == loaded(tmp_path, environ={name: urls[name]})
    with pytest.raises(ConfigError, match=f"^{name} and {name}_FILE are both set; keep one$"):
        loaded(tmp_path, environ={name: urls[name], f"{name}_FILE": str(file)})
    with pytest.raises(ConfigError, match=f"^{name}_FILE: /nowhere can't be read: No such file or directory$"):
        loaded(tmp_path, environ={f"{name}_FILE": "/nowhere"})


@pytest.mark.parametrize(
    "name", ["RELAY_ALERTS_SLACK_URL", "RELAY_ALERTS_SMTP_URL", "RELAY_PUBLIC_URL", "UPSALES_BASE_URL", "REDIS_URL"]
)
@pytest.mark.parametrize("url", ["smtps://u:hem[lig@host", "https://u:hemlig\u2100@host/", "redis://host:99999"])
def test_a_url_that_can_not_be_read_is_one_line_without_its_password(tmp_path: Path, name: str, url: str) -> None:
    with pytest.raises(ConfigError, match=f"^{name}: is no URL") as raised:
        loaded(tmp_path, environ={name: url})
    assert "hem" not in str(raised.value)
    assert raised.value.__cause__ is None
