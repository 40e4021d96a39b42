"""Marked-up text reads well, and text that only looks like markup stays."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from worker.sdk.mapping import readable


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("<p>Ring <b>Bo</b> &amp; Eva</p>", "Ring Bo & Eva"),
        ("<ul><li>ett</li><li>två</li></ul>", "- ett\n- två"),
        ("<ol>\n  <li>ett</li>\n  <li>två</li>\n</ol>", "- ett\n- två"),
        ("<p>Hej,</p><p>vi hörs.</p>", "Hej,\n\nvi hörs."),
        ("rad ett<br>rad två<BR/>rad tre", "rad ett\nrad två\nrad tre"),
        ("<div>ett</div><div>två</div>", "ett\ntvå"),
        ("<table><tr><td>Antal</td><td>3</td></tr><tr><th>Pris</th><td>9</td></tr></table>", "Antal 3\nPris 9"),
        ('<a href="https://a.example/x">Avtal</a>', "Avtal (https://a.example/x)"),
        ('<a href="https://a.example">https://a.example</a>', "https://a.example"),
        ('<a href="mailto:bo@a.example">Bo</a>', "Bo (bo@a.example)"),
        ('<a href="javascript:x()">Klicka</a>', "Klicka"),
        ("<style>p {color: red}</style><p>Hej</p><script>1 < 2</script>", "Hej"),
        ("<p>Åsa&nbsp;Öberg &lt;b&gt; &#229;</p>", "Åsa Öberg <b> å"),
        ("<p>Från Eva <eva@acme.example></p>", "Från Eva <eva@acme.example>"),
        ("<a href='https://a.example/?a=1&amp;b=2'>Avtal</a> <i>Ek</i>", "Avtal (https://a.example/?a=1&b=2) Ek"),
        ('<a href="#topp">Upp</a> <a>Ned</a>', "Upp Ned"),
        ("<!-- dolt --><span>Synligt</span>", "Synligt"),
        ("<b>öppen", "öppen"),
    ],
)
def test_marked_up_text(text: str, shown: str) -> None:
    assert readable(text) == shown


@pytest.mark.parametrize(
    "text",
    [
        "",
        "a < b och c > d",
        "<3",
        "Eva Ek <eva@acme.example>",
        "rad ett\n\n  rad två",
        "AT&T",
        "https://a.example/?a=1&copy=2",
        "R&D; Ek",
    ],
)
def test_text_without_markup_stays(text: str) -> None:
    assert readable(text) == text


def test_entities_without_tags_are_letters() -> None:
    assert readable("Ek &amp; S&ouml;ner &quot;AB&quot;") == 'Ek & Söner "AB"'


@given(st.text(alphabet="<>/ab pli&;=\"' \n!-"))
def test_any_text_is_read(text: str) -> None:
    assert isinstance(readable(text), str)


@pytest.mark.parametrize("part", ["<b>", "<p ", "<!--", "<!---->", "</", "&", "<b x='", "<![CDATA[", "<a href=x>"])
def test_long_nonsense_takes_time_in_line_with_its_length(part: str) -> None:
    """A test that fails is one that does not end: 400 KB at a quadratic cost take an hour."""
    assert len(readable("<b>" + part * 50_000)) < 500_000
