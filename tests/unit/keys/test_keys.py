"""Keys and signing secrets from the environment and from files."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from cryptography.fernet import Fernet

from worker.errors import ConfigError
from worker.keys import Keys
from worker.keys.cipher import cipher_of, decrypted
from worker.logs import redact


class Clock:
    """Monotonic, and stands still until it is told to go on."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


def raised_by(act: Callable[[], object]) -> str:
    with pytest.raises(ConfigError) as raised:
        act()
    return str(raised.value)


def test_the_environment_holds_the_key_and_every_signing_secret() -> None:
    keys = Keys(
        {"RELAY_VÄXJÖ_API_KEY": "fel", "RELAY_SHOP_A_API_KEY": "nyckel", "RELAY_SHOP_A_SECRET": "ny, gammal,"}, None
    )
    assert keys.api_key("shop-a") == "nyckel"
    assert keys.secrets("shop-a") == ["ny", "gammal"]
    assert keys.secrets("shop-b") == []


@pytest.mark.parametrize("kind", ["API_KEY", "SECRET"])
def test_one_that_is_no_utf_8_says_so(kind: str) -> None:
    """The bytes that the environment holds come as halves of surrogate pairs."""
    keys = Keys({f"RELAY_SHOP_{kind}": b"hemlig\xff".decode("utf-8", "surrogateescape")}, None)
    line = raised_by(lambda: keys.api_key("shop") if kind == "API_KEY" else keys.secrets("shop"))
    assert line == f"RELAY_SHOP_{kind} is not UTF-8 text"


def test_an_api_key_is_one_even_with_a_comma() -> None:
    assert Keys({"RELAY_SHOP_API_KEY": "a,b"}, None).api_key("shop") == "a,b"


def test_a_token_is_one_even_with_a_comma_and_blanks_around_it_do_not_count(tmp_path: Path) -> None:
    file = tmp_path / "token"
    file.write_text(" klient:a,b\n", "utf-8")
    keys = Keys({"RELAY_SHOP_TOKEN": "  klient:a,b ", "RELAY_CRM_TOKEN_FILE": str(file)}, None)
    assert (keys.token("shop"), keys.token("crm"), keys.token("annan")) == ("klient:a,b", "klient:a,b", None)
    assert [each.source for name in ("shop", "crm") for each in keys.found(name, "token")] == ["environment", "file"]
    assert "klient" not in repr([keys, keys.found("shop", "token")])
    assert redact("klient:a,b") == "***"


@pytest.mark.parametrize("name", ["admin", "viewer"])
def test_the_token_of_the_console_is_no_connections(name: str) -> None:
    assert Keys({f"RELAY_{name.upper()}_TOKEN": "åsa:operatörens-token"}, None).token(name) is None


def test_a_missing_key_says_where_to_put_it() -> None:
    assert raised_by(lambda: Keys({}, None).api_key("shop-a")) == (
        "connection shop-a has no API key: set RELAY_SHOP_A_API_KEY or `relay keys set shop-a`"
    )


def test_a_key_belongs_to_one_connection() -> None:
    keys = Keys({"RELAY_NORD_API_KEY": "samma", "RELAY_SYD_API_KEY": "samma"}, None)
    line = raised_by(lambda: keys.api_key("nord"))
    assert line == "connections syd and nord have the same API key; make one in Upsales for each"


def test_a_changed_file_is_read_again_within_a_second(tmp_path: Path) -> None:
    file, clock = tmp_path / "nyckel", Clock()
    file.write_text("första\n", "utf-8")
    keys = Keys({"RELAY_SHOP_API_KEY_FILE": str(file)}, None, clock=clock)
    assert keys.api_key("shop") == "första"
    file.write_text("en-annan", "utf-8")
    clock.now = 0.9
    assert keys.api_key("shop") == "första"
    clock.now = 1.0
    assert keys.api_key("shop") == "en-annan"


def test_a_file_that_goes_away_leaves_its_key(tmp_path: Path) -> None:
    file, clock = tmp_path / "hemlighet", Clock()
    file.write_text("ett,två", "utf-8")
    keys = Keys({"RELAY_SHOP_SECRET_FILE": str(file)}, None, clock=clock)
    assert keys.secrets("shop") == ["ett", "två"]
    file.unlink()
    clock.now = 5.0
    assert keys.secrets("shop") == ["ett", "två"]


def test_a_file_that_never_was_is_named(tmp_path: Path) -> None:
    keys = Keys({"RELAY_SHOP_API_KEY_FILE": str(tmp_path / "nyckel")}, None)
    assert raised_by(lambda: keys.api_key("shop")) == f"RELAY_SHOP_API_KEY_FILE: {tmp_path}/nyckel can't be read"


def test_what_is_wrong_with_one_connections_key_keeps_no_other_from_its_own(tmp_path: Path) -> None:
    gone = str(tmp_path / "nyckel")
    keys = Keys({"RELAY_NORD_API_KEY_FILE": gone, "RELAY_SYD_API_KEY": "k", "RELAY_SYD_SECRET": "s"}, None)
    assert (keys.api_key("syd"), keys.secrets("syd")) == ("k", ["s"])
    assert raised_by(lambda: keys.api_key("nord")) == f"RELAY_NORD_API_KEY_FILE: {gone} can't be read"


@pytest.mark.parametrize("key", ["en annan", "rad\nrad", "tab\tb", "noll\x00a"])
def test_what_is_no_key_is_given_to_nobody(key: str) -> None:
    line = "connection shop: its API key has a blank or a control character in it; copy the key alone"
    assert raised_by(lambda: Keys({"RELAY_SHOP_API_KEY": key}, None).api_key("shop")) == line


def test_of_two_places_for_a_secret_none_is_taken(tmp_path: Path) -> None:
    keys = Keys({"RELAY_SHOP_SECRET": "a", "RELAY_SHOP_SECRET_FILE": str(tmp_path)}, None)
    assert (
        raised_by(lambda: keys.secrets("shop")) == "RELAY_SHOP_SECRET and RELAY_SHOP_SECRET_FILE are both set; keep one"
    )


def test_of_two_places_for_a_token_none_is_taken(tmp_path: Path) -> None:
    keys = Keys({"RELAY_SHOP_TOKEN": "a", "RELAY_SHOP_TOKEN_FILE": str(tmp_path)}, None)
    assert raised_by(lambda: keys.token("shop")) == "RELAY_SHOP_TOKEN and RELAY_SHOP_TOKEN_FILE are both set; keep one"


def test_a_fingerprint_tells_secrets_apart_and_nothing_else() -> None:
    keys = Keys({}, None)
    one, other = keys.fingerprint("hemlig-å"), keys.fingerprint("hemlig-ä")
    assert one == keys.fingerprint("hemlig-å") != other
    assert len(one) == 12
    assert int(one, 16) >= 0


def test_keys_and_their_secrets_do_not_show_in_a_repr() -> None:
    keys = Keys({"RELAY_SHOP_API_KEY": "hemlig-nyckel"}, None)
    assert "hemlig" not in repr([keys, keys.found("shop", "api_key")])


def test_a_wrong_master_key_is_told_by_its_place_only() -> None:
    good = Fernet.generate_key().decode()
    line = raised_by(lambda: cipher_of({"RELAY_MASTER_KEY": f"{good}, hemligt"}))
    assert line == "RELAY_MASTER_KEY: key 2 is no Fernet key; `relay keys new-master` makes one"


def test_without_a_master_key_nothing_can_be_stored() -> None:
    assert raised_by(lambda: Keys({}, None).encrypted("nyckel")).startswith("RELAY_MASTER_KEY is not set")


def test_what_was_stored_under_an_older_master_key_is_read_with_both() -> None:
    old, new = Fernet.generate_key().decode(), Fernet.generate_key().decode()
    ciphertext = Keys({"RELAY_MASTER_KEY": old}, None).encrypted("nyckel-ö")
    assert decrypted(cipher_of({"RELAY_MASTER_KEY": f"{new},{old}"}), ciphertext, "It") == "nyckel-ö"
    assert raised_by(lambda: decrypted(cipher_of({"RELAY_MASTER_KEY": new}), ciphertext, "It")) == (
        "It was stored under another RELAY_MASTER_KEY: add that key, comma-separated, or set it anew"
    )
    assert raised_by(lambda: decrypted(None, ciphertext, "It")) == (
        "It is stored encrypted: set RELAY_MASTER_KEY, the key it was stored under"
    )


def test_of_what_a_sender_says_there_are_several_while_one_is_replaced() -> None:
    keys = Keys({"RELAY_META_VERIFY_TOKEN": "nytt, gammalt", "RELAY_META_TOKEN": "a,b"}, None)
    assert (keys.verify_tokens("meta"), keys.token("meta")) == (["nytt", "gammalt"], "a,b")
