"""Connectors are made from the exemplar, pass every rule, and are laid out as ruff would."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from tests.unit.devkit.scaffold.senders import NOW, SENDERS, captures
from worker.devkit.capture.capture import Capture, document, read_capture
from worker.devkit.conformance.paths import ROOT, packaged, problems_of, subject_of
from worker.devkit.scaffold import formatter, template, template_text
from worker.devkit.scaffold.create import create
from worker.devkit.scaffold.files import Home, chosen_samples, files_of, in_package, in_tree, listed
from worker.devkit.scaffold.infer import guessed
from worker.errors import ConfigError
from worker.sdk.settings import describe

AS_IT_LIVES = Home(
    package=template_text.PACKAGE,
    folder=template_text.HERE,
    payloads=f"{template_text.PACKAGE}.payloads",
    payloads_file=template_text.HERE / "payloads.py",
    paths=packaged(template_text.HERE),
    root=template_text.HERE / "package",
    standalone=True,
)


def as_sent(path: Path) -> Capture:
    """A sample of the exemplar as the sender would post it."""
    case = subject_of(template.connector, AS_IT_LIVES.paths)
    request = next(each.case.request for each in case.cases if each.source == path)
    signature = template.connector.signature.sign(request, "hemligt", NOW).header("X-Exemplar-Signature")
    capture = read_capture(path)
    return replace(capture, headers={**capture.headers, "X-Exemplar-Signature": signature or ""})


def test_exemplar_makes_itself() -> None:
    """The template is the connector that is tested: from its own requests comes the connector itself."""
    sent = [as_sent(path) for path in sorted(AS_IT_LIVES.paths.cases.glob("*/request.json"))]

    files = files_of("exemplar", "Exemplar", sent, guessed("exemplar", sent), AS_IT_LIVES)

    inside = {
        path: laid_out(path, text)
        for path, text in files.items()
        if path.is_relative_to(template_text.HERE) and path.exists()
    }
    assert len(inside) == len(["__init__.py", "payloads.py", "README.md", "pyproject.toml"]) + len(sent)
    assert {path: path.read_text("utf-8") for path in inside} == inside


def laid_out(path: Path, text: str) -> str:
    """As ruff would lay it out if it were the file of that path."""
    if path.suffix != ".py":
        return text
    for step in (formatter.ORDER_IMPORTS, formatter.LAY_OUT):
        command = [sys.executable, "-m", "ruff", *step, f"--stdin-filename={path}", "-"]
        text = subprocess.run(command, input=text, capture_output=True, text=True, check=True).stdout
    return text


def test_test_file_of_packages_passes_for_the_exemplar() -> None:
    assert problems_of(template_text.PACKAGE) == []


@pytest.mark.parametrize("sender", SENDERS)
def test_what_is_made_passes_every_rule(sender: str, tmp_path: Path) -> None:
    name = f"acme-{sender.replace(' ', '-')}"

    made = create(name, "Ö Acme", captures(sender), in_package(name, tmp_path))

    assert [str(problem) for problem in made.problems] == []
    assert made.connector.name == name
    assert f"[connections.{name}]" in in_package(name, tmp_path).paths.page.read_text("utf-8")


@pytest.mark.parametrize("sender", ["wrapped", "odd names"])
def test_what_is_made_is_laid_out_and_clean(sender: str, tmp_path: Path) -> None:
    create("acme", "Acme", captures(sender), in_package("acme", tmp_path))

    assert ruff("format", "--diff", cwd=tmp_path) == ""
    assert ruff("check", "--select=E4,E7,E9,F,I,UP,B,RUF", cwd=tmp_path) == "All checks passed!\n"


def test_connector_is_one_file_beside_its_schemas(tmp_path: Path) -> None:
    home = in_package("acme", tmp_path)
    create("acme", "Acme", captures("standard"), home)

    modules = {path.name: len(path.read_text("utf-8").splitlines()) for path in home.folder.glob("*.py")}

    assert modules.keys() == {"__init__.py", "payloads.py"}
    assert modules["__init__.py"] <= 80


def test_only_settings_that_are_used_are_there(tmp_path: Path) -> None:
    """A person without a phone number needs no region, and one who is only known needs no activity."""
    (capture,) = captures("bare")
    capture.body.update(id="n1", event="customer.created", customer={"id": 7, "email": "åsa@ö.example"})
    home = in_package("acme", tmp_path)

    made = create("acme", "Acme", [capture], home)

    assert made.problems == []
    assert [each.name for each in describe(made.connector.settings)] == ["owner", "fallback_company"]
    assert "phone_region" not in home.paths.page.read_text("utf-8")


def test_without_ruff_the_connector_works_all_the_same(tmp_path: Path) -> None:
    made = create("acme", "Acme", captures("wrapped"), in_package("acme", tmp_path), ruff=())

    assert made.problems == []
    assert not made.is_laid_out


def test_ruff_that_fails_is_no_formatter(tmp_path: Path) -> None:
    made = create("acme", "Acme", captures("bare"), in_package("acme", tmp_path), ruff=(sys.executable, "-c", "1/0"))

    assert made.problems == []
    assert not made.is_laid_out


def test_connector_of_the_relay_is_registered_and_laid_out(tmp_path: Path) -> None:
    home = in_tree("parking", tmp_path)
    for folder in ("worker/connectors", "schemas", "docs/connectors"):
        (tmp_path / folder).mkdir(parents=True)
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    shutil.copy(ROOT / "worker" / "connectors" / "__init__.py", home.registry)

    sent = captures("wrapped")
    files = files_of("parking", "Parking", sent, guessed("parking", sent), home)
    for path, text in files.items():
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, "utf-8")
    assert formatter.lay_out(files, formatter.installed_ruff())

    assert "    zendesk.connector,\n    parking.connector,\n)\n" in home.registry.read_text("utf-8")
    assert ruff("format", "--diff", cwd=tmp_path) == ""
    assert ruff("check", "--select=E4,E7,E9,F,I,UP,B,RUF", cwd=tmp_path) == "All checks passed!\n"


def test_a_type_called_like_the_connector_does_not_hide_its_schemas(tmp_path: Path) -> None:
    (capture,) = captures("bare")
    capture.body.update(id="n1", event="payloads", boat={"id": 7})

    made = create("acme", "Acme", [capture], in_package("acme", tmp_path))

    assert made.problems == []
    assert [rule.plan.__name__ for rule in made.connector.handles.values()] == ["payloads_"]


def test_a_type_called_like_a_word_of_mappings_is_not_imported(tmp_path: Path) -> None:
    (capture,) = captures("bare")
    capture.body.update(id="n1", event="email", boat={"id": 7})

    made = create("acme", "Acme", [capture], in_package("acme", tmp_path))

    assert made.problems == []
    assert ruff("check", "--select=E4,E7,E9,F,I,UP,B,RUF", cwd=tmp_path) == "All checks passed!\n"


def ruff(*arguments: str, cwd: Path) -> str:
    command = [sys.executable, "-m", "ruff", *arguments]
    return subprocess.run(command, cwd=cwd, capture_output=True, text=True, check=False).stdout


def test_guesses_are_explained_in_the_code(tmp_path: Path) -> None:
    home = in_package("acme", tmp_path)
    create("acme", "Acme", captures("standard"), home)

    source = (home.folder / "__init__.py").read_text("utf-8")

    assert (
        "    # Guessed: the header webhook-signature is signed as Standard Webhooks signs it.\n    signature=" in source
    )
    assert "            # Guessed: data.id looks most like the id of a thing.\n            subject=" in source


def test_signature_is_not_kept_in_cases(tmp_path: Path) -> None:
    home = in_package("acme", tmp_path)
    create("acme", "Acme", captures("standard"), home)

    headers = json.loads((home.paths.cases / "request_1" / "request.json").read_text("utf-8"))["headers"]

    assert headers == {"webhook-id": "msg_1"}


def test_requests_sent_twice_are_one_case(tmp_path: Path) -> None:
    (capture,) = captures("bare")
    made = create("acme", "Acme", [capture, replace(capture, name="again")], in_package("acme", tmp_path))

    assert made.cases == 1
    assert made.problems == []


def test_samples_are_of_every_type_and_not_too_many() -> None:
    first, second = captures("wrapped")
    many = [replace(first, name=f"a{number}") for number in range(9)] + [second]

    assert chosen_samples(many, guessed("acme", many)) == ["a0", "request_2", "a1", "a2", "a3", "a4"]


def test_nothing_is_written_over(tmp_path: Path) -> None:
    home = in_package("acme", tmp_path)
    create("acme", "Acme", captures("bare"), home)
    before = (home.folder / "__init__.py").read_text("utf-8")

    with pytest.raises(ConfigError, match="is in the way of a new connector acme"):
        create("acme", "Acme", captures("wrapped"), home)
    assert (home.folder / "__init__.py").read_text("utf-8") == before


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("{", "is not JSON"),
        ("[]", "is not a captured request"),
        ('{"body": {}}', "has no `now`: when it was received, ISO 8601"),
        ('{"now": "2026-03-02T08:15:06Z"}', "has no `body`: what was posted"),
        ('{"body": 5, "now": "2026-03-02T08:15:06Z"}', "neither an object nor an array of objects"),
        ('{"body": {"a": 1}, "now": "i går"}', "now must be when it was received"),
    ],
)
def test_file_that_is_no_captured_request_is_named(text: str, line: str, tmp_path: Path) -> None:
    file = tmp_path / "å.json"
    file.write_text(text, "utf-8")

    with pytest.raises(ConfigError, match=line) as caught:
        read_capture(file)
    assert "å.json" in str(caught.value)


def test_capture_survives_its_file(tmp_path: Path) -> None:
    (capture,) = captures("swedish")
    file = tmp_path / "request_1.json"
    file.write_text(json.dumps(document(capture)), "utf-8")

    assert read_capture(file) == capture


def test_types_that_say_the_same_have_one_mapping(tmp_path: Path) -> None:
    home = in_package("acme", tmp_path)
    first = Capture(
        "ett",
        {},
        {"id": "n1", "event": "båt.såld", "boat": {"id": 1, "price": 5}, "buyer": {"email": "å@b.example"}},
        NOW,
    )
    second = replace(first, name="två", body={**first.body, "id": "n2", "event": "båt.hyrd"})

    made = create("acme", "Acme", [first, second], home)
    source = (home.folder / "__init__.py").read_text("utf-8")

    assert made.problems == []
    assert re.findall(r"def (\w+)", source) == ["person_of", "bat"]
    assert "def bat(event" in source
    assert '    "båt.hyrd": "Båt hyrd",\n' in source
    assert {rule.plan.__name__ for rule in made.connector.handles.values()} == {"bat"}
    assert ruff("format", "--diff", cwd=tmp_path) == ""


@pytest.mark.parametrize("member", ["raw", "body"])
def test_body_may_be_the_text_that_was_posted(tmp_path: Path, member: str) -> None:
    """A log has text; a signature covers its very bytes."""
    text = '{"id":  "n-1", "kind": "ärende.skapat"}'
    path = tmp_path / "logged.json"
    path.write_text(json.dumps({"now": NOW.isoformat(), member: text}), "utf-8")

    found = read_capture(path)

    assert found.body == json.loads(text)
    assert found.raw == text.encode()


def test_text_that_is_no_body_is_told(tmp_path: Path) -> None:
    path = tmp_path / "logged.json"
    path.write_text(json.dumps({"now": NOW.isoformat(), "raw": "a=b"}), "utf-8")

    with pytest.raises(ConfigError, match="neither JSON nor a form; a form's headers say its Content-Type"):
        read_capture(path)


@pytest.mark.parametrize("name", ["aa", "kajen", "zz"])
def test_new_sender_is_listed_in_the_table_of_all_senders_in_alphabetical_order(name: str) -> None:
    index = in_tree(name, ROOT).index.read_text("utf-8")

    rows = [row for row in listed(index, name, "Kajen", "agreement, buyer").splitlines() if row.startswith("| [")]

    names = [row[3:].partition("]")[0] for row in rows]
    assert names == sorted(names)
    assert rows[names.index(name)].startswith(
        f"| [{name}]({name}.md) | what Kajen tells | see its page | 202 | agreement, buyer |"
    )
