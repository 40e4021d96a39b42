"""Of a file its first bytes tell what it is; what is no such file passes."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from worker.errors import GoneAtSource, SourceUnavailable, TooEarly
from worker.sdk.source import Kind
from worker.sources.outcome import Asked, Reply, file, understand

PDF = b"%PDF-1.7\n%\xe5\xe4\xf6\n"
ASKED = Asked("penna", "signed_pdf", Kind(file=True, get="/documents/{id}/file"), one=True)


def reply(body: bytes, content_type: str = "application/pdf", status: int = 200) -> Reply:
    at = datetime(2026, 11, 2, tzinfo=UTC)
    return Reply(url="https://x", status=status, headers={"content-type": content_type}, body=body, duration=0.1, at=at)


@pytest.mark.parametrize("content_type", ["application/pdf", "application/octet-stream", "", "binary/octet-stream"])
def test_a_pdf_is_one_whatever_it_is_called(content_type: str) -> None:
    answer = reply(PDF, content_type)
    assert understand(ASKED, answer) is None
    found = file(ASKED, answer)
    assert (found.data, found.media_type) == (PDF, "application/pdf")
    assert "PDF-1.7" not in repr(found)


@pytest.mark.parametrize(
    ("body", "content_type", "failure"),
    [
        (b"", "application/pdf", TooEarly),
        (b'{"id": 1}', "application/pdf", TooEarly),
        (b"{}", "application/json", TooEarly),
        (b"<html>Vi uppgraderar</html>", "text/html; charset=utf-8", SourceUnavailable),
    ],
)
def test_what_is_none_is_too_early_and_a_page_passes(body: bytes, content_type: str, failure: type[Exception]) -> None:
    with pytest.raises(failure, match="instead of application/pdf"):
        file(ASKED, reply(body, content_type))


def test_one_that_is_not_there_is_gone_as_anything_else() -> None:
    with pytest.raises(GoneAtSource):
        understand(ASKED, reply(b'{"error": "not found"}', "application/json", 404))


def test_a_kind_has_a_schema_or_is_a_file() -> None:
    with pytest.raises(TypeError, match="a kind has a schema, or it is a file"):
        Kind(get="/documents/{id}")
