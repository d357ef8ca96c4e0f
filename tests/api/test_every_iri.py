"""Every IRI that a release mints leads to a document that tells of it: of the sample city and of real metadata."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from urllib.parse import quote

import pytest
from pyoxigraph import NamedNode, RdfFormat, parse

from api.linked import LinkedData
from api.naming import Names
from catalog.archive import View
from catalog.model import Description, Kind
from catalog.releases import Releases
from catalog.settings import Settings, load
from catalog.store import open_read_only
from tests.api.all_real import Real
from tests.api.graphs import PARSERS
from tests.api.server import Server
from tests.api.test_linked import BROWSER, TYPES, links
from tests.harvest.city import City, saved
from tests.shared import ROOT

TWINS = """@prefix dcat: <http://www.w3.org/ns/dcat#> . @prefix dct: <http://purl.org/dc/terms/> .
<https://ville.example.fr/id/bornes> a dcat:Dataset ; dct:title "Bornes"@fr ; dct:identifier "bornes" ."""


def minted(settings: Settings) -> tuple[set[str], set[str]]:
    """The IRIs below the base that the current release has as subjects, and as names of graphs."""
    release = Releases(settings.store.path).current()
    assert release is not None
    base = settings.catalog.base
    subjects, graphs = set(), set()
    for quad in open_read_only(release.store).quads_for_pattern(None, None, None, None):
        for node, found in ((quad.subject, subjects), (quad.graph_name, graphs)):
            if isinstance(node, NamedNode) and node.value.startswith(base):
                found.add(node.value)
    return subjects, graphs


def address(base: str, iri: str) -> str:
    """The path that a client asks for."""
    return "/" + quote(iri[len(base) :].partition("#")[0], safe="/%:@!$&'()*+,;=~")


@pytest.fixture(scope="module")
def sample(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Settings, Server]]:
    """The sample city, and beside it one dataset that two sources have, validated and served."""
    folder = tmp_path_factory.mktemp("sample")
    shutil.copytree(ROOT / "harvest" / "sample", folder / "city")
    config = folder / "city" / "garonne.toml"
    for name in ("one", "two"):
        (folder / name).mkdir()
        (folder / name / "catalogue.ttl").write_text(TWINS)
    more = "".join(saved(folder / name, name) for name in ("one", "two"))
    text = config.read_text(encoding="utf-8")
    config.write_text(text.replace("http://127.0.0.1:8080/", "https://data.example.org/donnees/") + more)
    settings = load(config)
    City(folder, settings).run(validate=True)
    with Server(settings, folder, "--port", "0") as running:
        yield settings, running


def test_every_iri_of_the_sample_city(sample: tuple[Settings, Server]) -> None:
    settings, server = sample
    subjects, graphs = minted(settings)
    kinds = {iri[len(settings.catalog.base) :].partition("/")[0] for iri in subjects}
    assert kinds == {"agent", "catalog", "concept", "dataset", "quality", "record", "run", "service"}
    assert {"agents", "catalog", "concepts", "provenance", "runs", "shapes", "vocabulary"} <= {
        iri.rpartition("/graph/")[2] for iri in graphs
    }
    assert any("/from/" in iri for iri in subjects)
    for iri in sorted(subjects | graphs):
        answer = server.get(address(settings.catalog.base, iri), "application/n-triples")
        assert answer.status == 200, (iri, answer.text)
        assert iri not in subjects or f"<{iri}> ".encode() in answer.body, iri


def test_every_kind_in_every_format_and_as_a_page(sample: tuple[Settings, Server]) -> None:
    settings, server = sample
    base = settings.catalog.base
    subjects, graphs = minted(settings)
    samples = {
        (i[len(base) :].partition("/")[0], min(i[len(base) :].count("/"), 3)): i for i in sorted(subjects | graphs)
    }
    assert len(samples) > 12
    for iri in samples.values():
        path = address(base, iri)
        for suffix, media_type in TYPES.items():
            answer = server.get(f"{path}.{suffix}")
            assert answer.type == f"{media_type}; charset=utf-8", (iri, answer.text)
            subjects_there = {q.subject for q in parse(answer.body, format=PARSERS[media_type][0])}
            assert NamedNode(iri) in subjects_there or iri in graphs, iri
            assert server.get(path, f"{media_type}, text/html;q=0.5").type == answer.type
        for lang in ("fr", "en"):
            page = server.get(path, BROWSER, **{"Accept-Language": lang})
            assert (page.status, page.type) == (200, "text/html; charset=utf-8"), iri
            assert f'<html lang="{lang}">' in page.text
            assert "Accept-Language" in page.headers["vary"]
            said = links(page)
            assert all(("alternate", media_type) in said for media_type in TYPES.values()), iri


# ── real metadata ────────────────────────────────────────────────────────────────────────────────────────────────────


class Remembering(View):
    """A release that does not look twice for the dataset whose parts are asked for one after the other."""

    def __init__(self, view: View) -> None:
        super().__init__(view.archive, view.release)
        self.last: tuple[tuple[Kind, str], Description | None] = ((Kind.DATASET, ""), None)

    def by_slug(self, kind: Kind, slug: str) -> Description | None:
        if self.last[0] != (kind, slug):
            self.last = (kind, slug), super().by_slug(kind, slug)
        return self.last[1]


@pytest.mark.xdist_group("real")
def test_every_iri_made_of_real_metadata(real: Real) -> None:
    """The description that each name leads to tells of it: what the doors write is made of that description."""
    base, view = real.settings.catalog.base, Remembering(real.view)
    subjects = named(real)
    names = Names(base)
    elsewhere = {f"{base}catalog", base}
    told: dict[str, frozenset[str]] = {}
    asked = 0
    for iri in sorted(subjects - elsewhere):
        path = iri[len(base) :].partition("#")[0]
        assert path.partition("/")[0] in LinkedData.KINDS, iri
        thing = names.find(view, path)
        assert thing is not None, iri
        if thing.description.iri not in told:
            told[thing.description.iri] = _subjects(thing.description.canonical)
        assert iri in told[thing.description.iri] or any(t.subject == NamedNode(iri) for t in thing.more), iri
        asked += 1
    assert asked > 10_000
    assert view.count() > 1_500


def _subjects(canonical: bytes) -> frozenset[str]:
    return frozenset(line[1 : line.index("> ")] for line in canonical.decode().split("\n") if line.startswith("<"))


def named(real: Real) -> set[str]:
    """The IRIs below the base that the descriptions of the release have as subjects."""
    found = {iri for kind in Kind for d in real.view.all(kind) for iri in _subjects(d.canonical)}
    return {iri for iri in found if iri.startswith(real.settings.catalog.base)}


@pytest.mark.xdist_group("real")
def test_real_documents_as_they_are_sent(real: Real) -> None:
    """Over HTTP: every four-hundredth, and every one whose dataset bears an IRI that is not ASCII."""
    base = real.settings.catalog.base
    subjects = named(real)
    foreign = {d.slug for d in real.view.all(Kind.DATASET) if not d.iri.isascii()}
    assert foreign, "an IRI in another script"
    chosen = [f"{base}dataset/{slug}" for slug in foreign] + sorted(subjects)[::400]
    with Server(real.settings, real.folder, "--port", "0") as running:
        for iri in chosen:
            answer = running.get(address(base, iri), "text/turtle")
            assert answer.status == 200, (iri, answer.text)
            assert next(iter(parse(answer.body, format=RdfFormat.TURTLE)))
            assert running.get(address(base, iri), BROWSER).status == 200, iri
