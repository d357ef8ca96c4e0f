"""From a draft to the current release: what the store then states, and that it states the same as the descriptions."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path

from pyoxigraph import BlankNode, DefaultGraph, Literal, NamedNode, Quad, Store, Triple

from catalog.archive import Archive
from catalog.assembly import controlled, described, document, in_catalogue, neighbours, release_triples
from catalog.comparison import compare, plain
from catalog.model import Description, Kind
from catalog.publication import publisher_description, settle, shared_graphs
from catalog.releases import Releases
from catalog.settings import build
from catalog.staging import Staging
from catalog.store import open_read_only
from tests.catalog.making import BASE, MINT, agent, draft, enter, identity, mapped, record, release, settings
from vocab.namespaces import AUTHORITY, DCAT, DCT, FOAF, RDF, SKOS, SPDX

WEEKLY = AUTHORITY["frequency/WEEKLY"]


def test_the_store_states_what_is_described(tmp_path: Path) -> None:
    config = settings(tmp_path)
    current = release(tmp_path, {"a": "Un", "b": "Deux"})
    store = open_read_only(current.store)
    default = {q.triple for q in store.quads_for_pattern(None, None, None, DefaultGraph())}
    said = set(release_triples(config, Archive(tmp_path).at(1)))
    links = {t for d in Archive(tmp_path).at(1).all() for t in set(in_catalogue(BASE, d)) - set(d.triples)}
    memory = Store()
    memory.extend(Quad(t.subject, t.predicate, t.object) for t in said - links)
    assert default == {q.triple for q in memory}, "the helper of these tests leaves the links to the pipeline"
    names = {g.value for g in store.named_graphs()}
    assert {MINT.graph("catalog"), MINT.graph("agents"), MINT.graph("vocabulary"), MINT.record("a")} <= names
    assert "http://publications.europa.eu/resource/authority/licence" in names


def test_labels_come_and_go_with_the_terms_in_use(tmp_path: Path) -> None:
    config = settings(tmp_path)
    vocabulary = NamedNode(MINT.graph("vocabulary"))
    for number, used in ((1, True), (2, False)):
        staging = Staging(tmp_path / str(number), None)
        with closing(draft(tmp_path / str(number), 1)) as making:
            node = NamedNode(MINT.dataset("a"))
            triples = [Triple(node, DCT.accrualPeriodicity, WEEKLY)] if used else []
            staging.workspace.replace(MINT.record("a"), triples)
            settle(config, making)
            shared_graphs(config, making, staging.workspace)
            assert staging.workspace.out_of_step() == []
            found = list(staging.workspace.store.quads_for_pattern(WEEKLY, SKOS.prefLabel, None, vocabulary))
            assert bool(found) is used, "a source that was taken back leaves no labels"
            staging.workspace.replace(MINT.record("a"), [])
            shared_graphs(config, making, staging.workspace)
            assert not list(staging.workspace.store.quads_for_pattern(WEEKLY, None, None, vocabulary))
        staging.close()


def test_the_same_content_gives_the_same_fingerprint(tmp_path: Path) -> None:
    one = release(tmp_path / "1", {"a": "Un", "b": "Deux"}).manifest
    two = release(tmp_path / "2", {"b": "Deux", "a": "Un"}).manifest
    three = release(tmp_path / "3", {"a": "Un", "b": "Deux!"}).manifest
    assert one.fingerprint == two.fingerprint != three.fingerprint
    kinds = {"dataset": 2, "agent": 2, "concept": 0, "service": 0, "catalog": 1, "local": 0}
    assert one.counts == {**kinds, "violations": 0, "warnings": 0}


def test_what_cannot_be_pruned_does_not_undo_the_publication(tmp_path: Path) -> None:
    for title in ("Un", "Deux"):
        release(tmp_path, {"a": title})
    (tmp_path / "releases" / "000001" / "manifest.json").write_text("damaged")
    assert release(tmp_path, {"a": "Trois"}, keep=1).number == 3
    assert Releases(tmp_path).pointer() == 3
    assert Archive(tmp_path).at(3).count() == 1


def test_the_publisher_is_described_from_the_settings(tmp_path: Path) -> None:
    given = {"name": "Toulouse Métropole", "type": "LocalAuthority", "homepage": "https://x.org/", "email": "a@x.org",
             "siret": "24310051800170"}  # fmt: skip
    config = build({"catalog": {"publisher": given, "base": BASE}}, folder=tmp_path, env={})
    found = publisher_description(config)
    assert found.slug == "toulouse-metropole"
    objects = {t.predicate: t.object for t in found.triples if str(t.subject.value) == found.iri}
    assert objects[FOAF.name] == Literal("Toulouse Métropole", language="fr")
    assert objects[FOAF.mbox] == NamedNode("mailto:a@x.org")
    assert objects[DCT.identifier] == Literal("24310051800170")
    assert str(objects[DCT.type]).endswith("publishertype/LocalAuthority>")


# ── graphs for the doors ─────────────────────────────────────────────────────────────────────────────────────────────


def test_terms_are_found_among_objects_only() -> None:
    node = NamedNode(MINT.dataset("a"))
    found = [
        Triple(node, DCT.accrualPeriodicity, WEEKLY),
        Triple(node, DCT.description, Literal(str(AUTHORITY["language/FRA"]))),
        Triple(node, SPDX.checksum, BlankNode("c")),
        Triple(BlankNode("c"), SPDX.algorithm, SPDX.checksumAlgorithm_sha1),
        Triple(node, DCT.relation, NamedNode("https://example.org/x")),
    ]
    assert controlled(found) == [WEEKLY.value, SPDX.checksumAlgorithm_sha1.value]
    assert any(t.subject == WEEKLY and t.predicate == SKOS.prefLabel for t in described(controlled(found)))


def test_a_document_is_complete_and_unique(tmp_path: Path) -> None:
    config = settings(tmp_path)
    release(tmp_path, {"a": "Un", "b": "Deux"})
    view = Archive(tmp_path).at(1)
    found = document(config, view, view.page(limit=1))
    assert len(found) == len(set(found))
    subjects = {str(getattr(t.subject, "value", "")) for t in found}
    assert {MINT.catalog, MINT.dataset("a"), MINT.record("a"), f"{BASE}agent/ville"} <= subjects
    assert MINT.dataset("b") not in subjects
    catalog = NamedNode(MINT.catalog)
    assert Triple(catalog, DCAT.dataset, NamedNode(MINT.dataset("a"))) in found
    assert Triple(catalog, RDF.type, DCAT.Catalog) in found


def test_neighbours_of_neighbours_even_in_a_circle(tmp_path: Path) -> None:
    parent, child = (NamedNode(f"{BASE}agent/{n}") for n in ("parent", "child"))
    circle = [
        Description.of(s.value, Kind.AGENT, s.value.rsplit("/")[-1], [Triple(s, DCT.isPartOf, o)])
        for s, o in ((parent, child), (child, parent))
    ]
    with closing(draft(tmp_path, 1)) as making:
        who = identity(making, record("a"))
        made = mapped(who, "Un", *circle)
        making.put_dataset(made, "ods", who, None)
        making.settle()
    view = Archive(tmp_path).at(1)
    found = list(neighbours(BASE, view, [who.iri, child.value]))
    assert sorted(d.slug for d in found) == ["child", "parent"]


# ── comparing releases ───────────────────────────────────────────────────────────────────────────────────────────────


def test_what_differs_between_two_releases(tmp_path: Path) -> None:
    one = release(tmp_path, {"a": "Un\u2028x", "b": "Deux", "c": "Trois"})
    two = release(tmp_path, {"a": "Un bis", "d": "Quatre"}, gone=("b",))
    changes = compare(tmp_path, one, two)
    assert [(c.change, c.title) for c in changes] == [
        ("updated", "Un bis"), ("withdrawn", "Deux"), ("created", "Quatre")
    ]  # fmt: skip
    assert len(changes[0].added) == len(changes[0].removed) == 2, "the title, and when it was modified"
    assert all(line.endswith(" .") for c in changes for line in (*c.added, *c.removed))
    assert [c.change for c in compare(tmp_path, two, one)] == ["updated", "created", "withdrawn"]
    assert compare(tmp_path, one, one) == []
    assert plain(changes[1])["added"] == []


def test_an_agent_that_changes_is_a_difference(tmp_path: Path) -> None:
    with closing(draft(tmp_path, 1)) as making:
        enter(making, record("a"), "Un", agent("v", "Ville"))
        assert making.changed()
