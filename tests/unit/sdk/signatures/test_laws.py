"""These laws hold for every scheme and any request."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime
from urllib.parse import parse_qsl

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from tests.fuzz import CHARS, JUNK, convinced, fuzz
from tests.signature_cases import CASES, NOW, Case
from worker.sdk.request import Request
from worker.sdk.signatures import StandardWebhooks

law = settings(deadline=None, derandomize=True, database=None, max_examples=250)
cases = st.sampled_from(CASES)
over_the_body = st.sampled_from([case for case in CASES if case.covers_body])
keyed_by_text = st.sampled_from([case for case in CASES if case.secret.startswith("hemlig")])

texts = st.text(alphabet=CHARS, max_size=30) | st.sampled_from(JUNK)
times = st.datetimes(timezones=st.just(UTC)) | st.just(NOW)


def header_names(case: Case) -> st.SearchStrategy[str]:
    return st.sampled_from([*(name for name, _ in case.signed.headers), "authorization"])


@given(case=cases, data=st.data())
@law
def test_verifying_never_raises(case: Case, data: st.DataObject) -> None:
    headers = data.draw(st.lists(st.tuples(header_names(case), texts), max_size=6))
    request = Request(
        data.draw(texts), data.draw(texts), tuple(headers), data.draw(st.binary()), data.draw(st.none() | texts)
    )

    secrets = data.draw(st.lists(texts, max_size=3))

    assert case.scheme.verify(request, secrets, data.draw(times)) in {None, *range(len(secrets))}


@given(case=cases, data=st.data())
@law
def test_what_is_signed_is_valid_whatever_it_says(case: Case, data: st.DataObject) -> None:
    signed = case.scheme.sign(replace(case.unsigned, body=data.draw(any_body(case))), case.secret, NOW)

    assert case.scheme.verify(signed, [case.secret], NOW) == 0
    assert case.judge(signed, case.secret, NOW)


@given(case=keyed_by_text, secret=texts.filter(str.strip).filter(lambda text: not StandardWebhooks().is_key(text)))
@law
def test_any_text_but_a_key_of_a_pair_is_a_secret(case: Case, secret: str) -> None:
    signed = case.scheme.sign(case.unsigned, secret, NOW)

    assert case.scheme.verify(signed, [secret + "x", secret], NOW) == 1


@given(case=over_the_body, body=st.binary(min_size=1, max_size=80), bit=st.integers(0, 7), at=st.integers(0, 79))
@law
def test_a_flipped_bit_of_the_body_is_refused(case: Case, body: bytes, bit: int, at: int) -> None:
    at %= len(body)
    flipped = body[:at] + bytes([body[at] ^ (1 << bit)]) + body[at + 1 :]
    if case.name == "mandrill":  # signs what the form says, not its bytes
        assume(form(body) != form(flipped))
    signed = case.scheme.sign(replace(case.unsigned, body=body), case.secret, NOW)

    assert case.scheme.verify(replace(signed, body=flipped), [case.secret], NOW) is None


def test_the_fuzzer_finds_nothing_and_would_find_something() -> None:
    tally = fuzz(inputs=3_000, seed=datetime(2023, 11, 14, tzinfo=UTC).toordinal())

    assert tally.failures == []
    assert tally.accepted > 300
    assert tally.refused > 1_000


@pytest.mark.parametrize(
    ("name", "change", "secret"),
    [
        ("url-and-body", {}, "adress"),
        ("teamtailor-partner", {"teamtailor-signature": "{} {}"}, None),
        ("bearer", {"authorization": "beArer  hemlig-\u00c3\u00a5\u00c3\u00a4\u00c3\u00b6"}, None),
    ],
)
def test_a_judge_takes_what_the_sender_may_send(name: str, change: dict[str, str], secret: str | None) -> None:
    """Each was once called wrongly accepted by a judge that knew less than the page of the vendor."""
    case = next(each for each in CASES if each.name == name)
    signed = case.signed
    headers = {**dict(signed.headers)}
    for header, form in change.items():
        headers[header] = form.replace("{}", headers.get(header, ""))
    request, known = replace(signed, headers=tuple(headers.items())), secret or case.secret

    assert case.scheme.verify(request, [known], NOW) == 0
    assert convinced(case, request, known, NOW)


def any_body(case: Case) -> st.SearchStrategy[bytes]:
    """JSON with the field that is signed, where one is."""
    if case.covers_body:
        return st.binary()
    known = json.loads(case.body)
    return st.dictionaries(texts, texts | st.integers()).map(lambda fields: json.dumps({**fields, **known}).encode())


def form(body: bytes) -> str:
    pairs = parse_qsl(body.decode("latin-1"), keep_blank_values=True, encoding="latin-1")
    return "".join(name + value for name, value in sorted(pairs, key=lambda pair: pair[0]))
