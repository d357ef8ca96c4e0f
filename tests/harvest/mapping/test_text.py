"""Portal HTML as plain text."""

from __future__ import annotations

import json

import pytest

from harvest.mapping.text import one_line, plain_text
from tests.shared import shared


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ("<p>a</p><p>b <b>c</b></p>", "a\n\nb c"),
        ("a<br>b<br/><br>c", "a\nb\n\nc"),
        (
            "<p>Au choix :</p><ul><li>un ;</li><li><p>deux</p></li></ul><p>fin</p>",
            "Au choix :\n\n- un ;\n- deux\n\nfin",
        ),
        (
            'voir <a href="https://x.fr/y">ici</a> et <a href="http://x.fr">x.fr</a>',
            "voir ici (https://x.fr/y) et x.fr",
        ),
        ('<a href="/explore/">le portail</a> <a href="javascript:x()">z</a>', "le portail z"),
        ("a &amp; b &lt;p&gt; &eacute;t&eacute;", "a & b <p> été"),
        ("1 < 2 & 3", "1 < 2 & 3"),
        ("<p>a<script>x</script>b<!-- c -->d<style>p{}</style><o:p></o:p></p>", "abd"),
        ("<table><tr><td>a</td><td>b</td></tr><tr><td>c</td></tr></table>", "a b\nc"),
        ("<div><p>a</p>\n\n<p>b\nc</p></div>", "a\n\nb c"),
        ("e\u0301te\u0301\u200b  d’un\u00a0coup \r\n\r\n\r\n suite", "été d’un coup\n\nsuite"),
        ("ligne\u2028autre\x85encore\x00", "ligne\nautre\nencore"),
        ("<p></p><!-- rien -->", ""),
        ("<p>jamais fermé <b>gras", "jamais fermé gras"),
        ("<style>x</style>hé", "hé"),
    ],
)
def test_html(given: str, expected: str) -> None:
    assert plain_text(given) == expected


def test_one_line() -> None:
    assert one_line(" <b>Menus</b>\n des  cantines &amp; crèches ") == "Menus des cantines & crèches"


def test_plain_text_is_a_fixed_point_on_real_descriptions() -> None:
    path = shared("data/real/opendatasoft/derived/public-portal-2015.v21.json")
    for row in json.loads(path.read_text(encoding="utf-8"))["results"]:
        text = plain_text(row["metas"]["default"]["description"] or "")
        assert "</" not in text
        assert "\n\n\n" not in text
        assert text == text.strip()


def test_word_processor_markup_leaves_only_text() -> None:
    path = "139bercy__data-eco-datasets-manager/tests/fixtures/dataset-sample-explore.json"
    (row,) = json.loads(shared(f"data/real/opendatasoft/{path}").read_text(encoding="utf-8"))["results"]
    text = plain_text(row["metas"]["default"]["description"])
    assert text.count("\n\n") == 2
    assert "FANTOIR :\n- ajout de la région,\n- ajout des données" in text


def test_very_deep_nesting_is_no_trouble() -> None:
    assert plain_text("<div>" * 3000 + "fond" + "</div>" * 3000) == "fond"
