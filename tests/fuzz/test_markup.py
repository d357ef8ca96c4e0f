"""Records whose every text is an attack on whoever reads it: every page and document shows it and does nothing.

The records go the way that real ones go, through a source, the mapping, validation and the store. What a browser runs
or blocks, it says on its console.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import replace
from html import escape
from pathlib import Path
from urllib.parse import quote

import pytest
from lxml import etree

from tests.api.server import Server
from tests.api.test_browser import chromium, shown
from tests.api.test_pages import Outline
from tests.fakes.data_json import dataset, document
from tests.fakes.server import Answer, serving
from tests.harvest.city import city

__all__ = ["chromium"]

ATTACK = (
    "</title></textarea></style></script></option></a><script>alert(1)</script>"
    "\"'><img src=x onerror=alert(1)><svg onload=alert(1)>${7*7}<%=7*7%>]]>&lt;b&gt; --><!--"
    " \" autofocus onfocus=alert(1) x=' \r\nX-Injected: 1\r\n\u2028\u202e\x0b javascript:alert(1)"
)
HIDDEN = escape(ATTACK)
"""The same as a field of HTML has to write it, that it survives becoming text."""
SCRIPT = "javascript:alert(1)//https://x.example/"
DATA = "data:text/html,<script>alert(1)</script>"
BREAKING = "https://x.example/\"onmouseover='alert(1)'<script>alert(1)</script>"


LEADING = {"href", "src", "action", "formaction", "xlink:href"}


def hostile(number: int, **more: object) -> dict[str, object]:
    """A dataset that attacks by everything that it has."""
    return {
        **dataset(f"jeu-{number}"),
        "title": f"Jeu {number} {HIDDEN}",
        "description": f"{HIDDEN} " * 3,
        "keyword": [ATTACK, HIDDEN, "</script>", SCRIPT, "<!--<script>"],
        "theme": [ATTACK],
        "publisher": {"@type": "org:Organization", "name": f"Ville {ATTACK if number % 2 else HIDDEN}"},
        "contactPoint": {"@type": "vcard:Contact", "fn": HIDDEN, "hasEmail": f"mailto:x@y.example?subject={ATTACK}"},
        "landingPage": BREAKING,
        "describedBy": SCRIPT,
        "references": [SCRIPT, DATA, BREAKING],
        "rights": HIDDEN,
        "spatial": ATTACK,
        "temporal": ATTACK,
        "license": SCRIPT,
        "language": [ATTACK],
        "accrualPeriodicity": ATTACK,
        "conformsTo": SCRIPT,
        "issued": ATTACK,
        "distribution": [
            {
                "title": ATTACK,
                "description": ATTACK,
                "downloadURL": url,
                "format": ATTACK,
                "mediaType": ATTACK,
                "license": DATA,
            }
            for url in (SCRIPT, DATA, BREAKING, "https://x.example/a.csv")
        ],
        **more,
    }


@pytest.fixture(scope="module")
def attacked(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A service on two releases of attacking records, the last of which one has left."""
    folder = tmp_path_factory.mktemp("attacked")
    records = [hostile(1), hostile(2, identifier=f"https://x.example/{ATTACK}"), hostile(3, identifier=ATTACK)]
    served = [
        document(*records, hostile(4)),
        document(*records, {"title": ATTACK}, {"identifier": ATTACK, "accessLevel": ATTACK}),
    ]
    with serving(lambda _path: Answer(served[0])) as portal:
        more = f"[catalog.title]\nfr = {json.dumps(ATTACK.replace(chr(11), ''))}\n"
        source = f'[[source]]\nid = "us"\nkind = "dcat-us"\nurl = "{portal.address}/data.json"\nallow_private = true\n'
        guard = "[source.guard]\nmin_withdrawn = 100\nmin_changed = 100\n"
        found = city(folder, source + guard, more=more)
        found.run("us", validate=True)
        served.pop(0)
        found.run("us", validate=True)
    settings = found.settings
    settings = replace(
        settings, serve=replace(settings.serve, port=0, workers=1), query=replace(settings.query, standing=False)
    )
    with Server(settings, folder) as running:
        yield running


def names(server: Server) -> tuple[list[str], list[str]]:
    """The slugs of the datasets, and the addresses of everything that has one below the base."""
    base = "https://data.example.org/"
    rows = server.rows(f'SELECT DISTINCT ?s {{ ?s ?p ?o FILTER(STRSTARTS(STR(?s), "{base}")) }}')
    found = sorted(row["s"].removeprefix(base) for row in rows)
    return [p.removeprefix("dataset/") for p in found if re.fullmatch(r"dataset/[^/]+", p)], found


def pages(server: Server) -> list[str]:
    """The addresses of all pages that show something of the records."""
    slugs, things = names(server)
    attack = quote(ATTACK)
    query = quote("SELECT * { ?s ?p ?o } LIMIT 500")
    agents = [p.removeprefix("agent/") for p in things if p.startswith("agent/")]
    return [
        *(
            "/",
            "/datasets",
            f"/datasets?q={attack}",
            "/datasets?q=script",
            "/status",
            "/quality",
            f"/quality?cause={attack}",
        ),
        *(
            "/quality?by=cause",
            "/quality?by=dataset",
            "/quality?by=publisher",
            "/services",
            "/run/1",
            "/run/1/us",
            "/run/2/us",
        ),
        *("/preview", "/preview/ckan", "/preview/data.gouv.fr", "/preview/data.europa.eu", "/preview/ckan?since=1"),
        *(f"/preview/{a}/{s}" for a in ("ckan", "data.gouv.fr", "data.europa.eu") for s in slugs[:1]),
        *(f"/quality/{slug}" for slug in slugs),
        *(f"/publisher/{slug}" for slug in agents),
        *(f"/{quote(path)}" for path in things if not path.startswith(("graph/", "sparql", "catalog"))),
        *(
            f"/sparql?query={query}",
            f"/sparql?query={attack}",
            f"/sparql?query={quote('DESCRIBE ?d { ?d a ?t } LIMIT 9')}",
        ),
        *(f"/{kind}/{attack}" for kind in ("dataset", "publisher", "quality", "preview", "run", "graph", "agent", "x")),
        *(
            f"/validate?url={attack}",
            f"/datasets?page={attack}",
            f"/datasets?release={attack}",
            f"/datasets?lang={attack}",
        ),
    ]


def dangers(html: str) -> list[str]:
    """What in a page would run, load or lead where it should not."""
    found = []
    for tag, attributes in Outline(html).elements:
        told = f"<{tag} {attributes}>"[:300]
        if tag in {"img", "svg", "iframe", "object", "embed", "style", "base", "video", "math"}:
            found.append(told)
        if tag == "script" and attributes != {"type": "application/ld+json"}:
            found.append(told)
        for name, value in attributes.items():
            scheme = re.sub(r"[\x00-\x20]", "", str(value)).partition(":")[0].lower()
            leads = name in {"href", "src", "action", "formaction", "xlink:href"} and scheme in {
                "javascript",
                "data",
                "vbscript",
            }
            if name.startswith("on") or name in {"style", "srcdoc", "autofocus"} or leads:
                found.append(told)
    return found


def test_what_is_dangerous_is_seen() -> None:
    for html in (ATTACK, f'<a href="{SCRIPT}">', '<a href=" java\nscript:x">', "<p onclick=x>", "<p style=x>"):
        assert dangers(html)


def test_no_page_has_what_a_record_wrote_as_markup(attacked: Server) -> None:
    addresses = pages(attacked)
    assert len(addresses) > 60
    seen = 0
    for path in addresses:
        answer = attacked.get(path, "text/html")
        assert answer.status in {200, 400, 404, 410}, f"{path}: {answer.status} {answer.text[:500]}"
        assert dangers(answer.text) == [], path
        assert "x-injected" not in answer.headers, path
        seen += "&lt;script&gt;alert(1)" in answer.text
        for text in re.findall(r'<script type="application/ld\+json">(.*?)</script>', answer.text, re.DOTALL):
            json.loads(text)
    assert seen > 20, "the records are shown"


def test_documents_for_programs_are_well_formed(attacked: Server) -> None:
    slugs, _ = names(attacked)
    xml = [
        "/changes.atom",
        "/sitemap.xml",
        "/catalog.rdf",
        "/oai?verb=ListSets",
        "/oai?verb=ListRecords&metadataPrefix=oai_dc",
    ]
    xml += ["/oai?verb=ListRecords&metadataPrefix=dcat_ap", *(f"/dataset/{slug}.rdf" for slug in slugs)]
    xml += [
        f"/oai?verb={quote(ATTACK)}",
        f"/oai?verb=GetRecord&metadataPrefix={quote(ATTACK)}&identifier={quote(ATTACK)}",
    ]
    for path in xml:
        answer = attacked.get(path)
        assert answer.status == 200, path
        tree = etree.fromstring(answer.body)
        assert not tree.xpath("//*[local-name()='script' or local-name()='img' or local-name()='svg']"), path
    for path in (
        "/catalog.jsonld",
        "/quality.json",
        "/api/3/action/package_search",
        "/ldes.jsonld",
        f"/x/{quote(ATTACK)}",
    ):
        answer = attacked.get(path, "application/json")
        json.loads(answer.body)
        assert "html" not in answer.type, path


def test_a_browser_runs_nothing_of_a_record(chromium: str, attacked: Server, tmp_path: Path) -> None:
    slugs, _ = names(attacked)
    attack = quote(ATTACK)
    query = quote("SELECT * { ?s ?p ?o } LIMIT 300")
    some = (
        "/",
        f"/dataset/{slugs[0]}",
        f"/quality/{slugs[0]}",
        f"/preview/ckan/{slugs[0]}",
        "/run/1/us",
        f"/sparql?query={query}",
    )
    for path in (*some, f"/datasets?q={attack}", f"/dataset/{attack}", "/changes.atom"):
        document_, console = shown(chromium, attacked.address.rstrip("/") + path, tmp_path / "profile")
        assert "alert(1)" in document_, f"{path} shows it"
        assert console == "", path
