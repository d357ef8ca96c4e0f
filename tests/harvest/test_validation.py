"""Validation in a run: what is found, what of it is in the graph, and what changes with what."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import closing
from datetime import timedelta
from functools import cached_property
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pyoxigraph import NamedNode, QuerySolutions

from api.queries import named_queries
from catalog.archive import Archive
from catalog.assembly import in_catalogue
from catalog.draft import Draft
from catalog.findings import Found
from catalog.model import Description, Kind, Ledger, Mapped
from catalog.publication import publish, settle, shared_graphs
from catalog.quality import Quality
from catalog.releases import Releases
from catalog.settings import build
from catalog.staging import Staging
from catalog.store import open_read_only
from harvest.conformance import Conformance
from harvest.display import lines as shown
from harvest.lookups import Lookups
from harvest.progress import Progress
from harvest.validation import Validator, publisher
from shapes.profiles import DEFAULTS, Profile, profile
from shapes.registry import Given, Registry
from tests.api import city as api_city
from tests.harvest.city import BASE, City, city, live, portal
from vocab.text import Text

SH = "http://www.w3.org/ns/shacl#"


@pytest.fixture(scope="module")
def harvested(tmp_path_factory: pytest.TempPathFactory) -> City:
    """A portal of 60 datasets, harvested with validation."""
    with portal(60) as p:
        toulouse = city(tmp_path_factory.mktemp("validated"), live(p.url))
        toulouse.run(validate=True)
    return toulouse


def rows(a_city: City, query: str) -> list[dict[str, str]]:
    found = open_read_only(a_city.current().store).query(query)
    assert isinstance(found, QuerySolutions)
    names = [v.value for v in found.variables]
    return [{n: solution[n].value for n in names} for solution in found]


def test_every_dataset_was_validated(harvested: City) -> None:
    totals = Quality(harvested.view()).overview().totals
    assert totals.datasets == 60
    assert (totals.violations, totals.warnings) == harvested.view().finding_counts()
    assert totals.warnings > 0
    publishers = Quality(harvested.view()).publishers()
    assert sum(p.datasets for p in publishers) == 60
    assert all(bool(p.slug) == bool(p.iri) for p in publishers), "some datasets name none"


def test_sparql_tells_which_publishers_break_which_rules(harvested: City) -> None:
    query = named_queries("https://data.example.org/")["rules"].text
    answer = rows(harvested, query)
    assert answer
    view = harvested.view()
    named = {p.iri: p.title for p in Quality(view).publishers()}
    expected: dict[tuple[str, str], set[str]] = {}
    names = {d.iri: named[publisher(d)] for d in view.all() if publisher(d)}
    for iri, _, found in Quality(view).each():
        if iri in names:
            expected.setdefault((names[iri], found.cause.rule.fr), set()).add(iri)
    assert {(r["name"], r["rule"]): int(r["datasets"]) for r in answer} == {k: len(v) for k, v in expected.items()}


def test_the_query_of_the_documentation_gives_the_same(harvested: City) -> None:
    page = (Path(__file__).parents[2] / "docs" / "sparql.md").read_text(encoding="utf-8")
    section = page.split("## Which publishers break which rules")[1]
    answer = rows(harvested, section.split("```sparql\n")[1].split("```")[0])
    assert answer
    query = named_queries("https://data.example.org/")["rules"].text
    counts = sorted(int(row["datasets"]) for row in rows(harvested, query))
    assert sorted(int(row["datasets"]) for row in answer) == counts


def test_findings_are_small_and_messages_stand_once(harvested: City) -> None:
    store = open_read_only(harvested.current().store)
    quads = list(store)
    about = [q for q in quads if str(getattr(q.graph_name, "value", "")).startswith(f"{BASE}quality/")]
    results = [q for q in about if q.predicate.value == f"{SH}result"]
    assert len(about) / len(results) < 9
    assert not [q for q in about if "essage" in q.predicate.value]
    rules = [q for q in quads if q.graph_name == NamedNode(f"{BASE}graph/shapes")]
    messages = [q for q in rules if q.predicate.value == f"{SH}message"]
    assert {q.object.language for q in messages} == {"fr", "en"}  # type: ignore[union-attr]  # messages are literals
    shapes = {q.object.value for q in about if q.predicate.value == f"{SH}sourceShape"}
    assert shapes <= {q.subject.value for q in messages}  # type: ignore[union-attr]  # shapes have IRIs
    assert len(rules) < sum(len(profile(name).triples) for name in DEFAULTS)
    merged = [q for q in quads if str(q.graph_name) == "DEFAULT"]
    assert not [q for q in merged if q.predicate.value.startswith(SH)], "findings are no part of the catalogue"


def test_validating_again_changes_nothing(tmp_path: Path) -> None:
    with portal(20) as p:
        toulouse = city(tmp_path, live(p.url))
        toulouse.run(validate=True)
        again = toulouse.run(validate=True, full=True)
    assert again.release is None
    assert toulouse.current().number == 1


# ── what changes with what ───────────────────────────────────────────────────────────────────────────────────────────

PREFIXES = "@prefix e: <http://e.org/> .\n"
OWN = (*DEFAULTS, "hvd", "garonne")


def own_profiles() -> list[Profile]:
    return [profile(name) for name in OWN]


class Small(api_city.City):
    """A city whose datasets and agents are given in Turtle, `{d}` being the dataset, `{b}` the base."""

    @cached_property
    def judged(self) -> list[set[str]]:
        """The slugs that were judged, time after time."""
        return []

    @cached_property
    def validator(self) -> Validator:
        city = self

        class Watched(Validator):
            def findings(self, datasets: Sequence[Description], look: Lookups) -> dict[str, list[Found]]:
                city.judged.append({d.slug for d in datasets})
                return super().findings(datasets, look)

        found = Watched(self.settings)
        found.profiles = own_profiles()
        return found

    def step(self, datasets: dict[str, str], agents: dict[str, str]) -> dict[str, list[str]]:
        """Publishes the release that says exactly this; returns the findings of each dataset by slug.

        They are found twice: for what the change concerns, and for the whole catalogue. Both must be the same.
        """
        folder = self.settings.store.path
        current = Releases(folder).current()
        number = current.number + 1 if current else 1
        with closing(Draft(folder, number, self.day + timedelta(days=number), self.base)) as draft:
            staging = Staging(folder, current)
            try:
                self._enter(draft, staging, datasets, agents)
                settle(self.settings, draft)
                judged = self._judge(draft, staging, set())
                live = {self.minter.dataset(slug) for slug in datasets}
                assert judged == self._judge(draft, staging, live), "found incrementally, and by judging everything"
                shared_graphs(self.settings, draft, staging.workspace)
                publish(self.settings, draft, staging, run=None)
            finally:
                staging.close()
        return judged

    def _enter(self, draft: Draft, staging: Staging, datasets: dict[str, str], agents: dict[str, str]) -> None:
        others = tuple(
            self.describe(f"{self.base}agent/{slug}", Kind.AGENT, slug, PREFIXES + text, {"b": self.base})
            for slug, text in agents.items()
        )
        for slug, text in datasets.items():
            record = self.record(slug, text)
            identity = draft.identity(record, lambda slug: f"https://portal.example.org/{slug}", set())
            values: dict[str, object] = {"d": identity.iri, "b": self.base, "slug": slug}
            described = self.describe(identity.iri, Kind.DATASET, slug, PREFIXES + text, values)
            named = tuple(o for o in others if f"<{o.iri}>".encode() in described.canonical)
            mapped = Mapped(described, named, Ledger())
            known = draft.known_by_slug(slug)
            if known and known.content == described.hash:
                draft.mention(identity.iri, named, "city")
                continue
            final = draft.put_dataset(mapped, "city", identity, known)
            staging.workspace.replace(self.minter.record(slug), in_catalogue(self.base, final))
        gone = {slug for _, slug in draft.live("city")} - datasets.keys()
        for slug in gone:
            draft.withdraw(slug)
            staging.workspace.replace(self.minter.record(slug), [])
            staging.workspace.replace(self.minter.quality(slug), [], merged=False)

    def _judge(self, draft: Draft, staging: Staging, stale: set[str]) -> dict[str, list[str]]:
        conformance = Conformance(self.validator, draft)
        conformance.stale = stale
        conformance.settle(staging.workspace, Progress(quiet=True))
        draft.commit()
        found = Archive(self.settings.store.path).at(draft.number)
        judged = {
            d.slug: sorted(f"{f.cause.severity} {f.cause.path} {f.key}" for f in found.findings(d.iri) or ["missing"])
            for d in found.all()
        }
        for slug, about in judged.items():
            graph = NamedNode(self.minter.quality(slug))
            stated = staging.workspace.store.quads_for_pattern(None, NamedNode(f"{SH}result"), None, graph)
            assert {q.object.value.rpartition("/")[2] for q in stated} == {f.rpartition(" ")[2] for f in about}
        return judged


@pytest.fixture
def small(tmp_path: Path) -> Small:
    return Small(api_city.settings_in(tmp_path))


AGENT = '<{b}agent/ville> a foaf:Agent ; foaf:name "Ville"@fr .'
NAMING = '<{d}> a dcat:Dataset ; dct:title "{slug} long enough"@fr ; dct:publisher <{b}agent/ville> .'
LANDING = "violation http://www.w3.org/ns/dcat#landingPage"
PUBLISHER, RELATION, SERIES, TITLE = (
    f"violation http://purl.org/dc/terms/{name}"
    if name != "inSeries"
    else "violation http://www.w3.org/ns/dcat#inSeries"
    for name in ("publisher", "relation", "inSeries", "title")
)


def has(found: list[str], start: str) -> bool:
    return any(one.startswith(start) for one in found)


def test_an_agent_that_changes_its_type(small: Small) -> None:
    first = small.step({"a": NAMING, "b": NAMING, "c": '<{d}> a dcat:Dataset ; dct:title "c"@fr .'}, {"ville": AGENT})
    assert not has(first["a"], PUBLISHER)
    untyped = {"ville": AGENT.replace("foaf:Agent", "e:Thing")}
    second = small.step({"a": NAMING, "b": NAMING, "c": '<{d}> a dcat:Dataset ; dct:title "c"@fr .'}, untyped)
    assert has(second["a"], PUBLISHER)
    assert has(second["b"], PUBLISHER)
    assert second["c"] == first["c"]
    assert small.step({"a": NAMING, "b": NAMING}, {"ville": AGENT})["a"] == first["a"]


def test_a_dataset_that_goes_while_another_refers_to_it(small: Small) -> None:
    member = '<{d}> a dcat:Dataset ; dct:title "m"@fr ; dcat:inSeries <{b}dataset/series> .'
    series = '<{d}> a dcat:Dataset , dcat:DatasetSeries ; dct:title "s"@fr .'
    with_series = small.step({"member": member, "series": series}, {})
    assert not has(with_series["member"], SERIES)
    without = small.step({"member": member}, {})
    assert has(without["member"], SERIES), "the series is described no more"
    assert small.step({"member": member, "series": series}, {}) == with_series
    alone = small.step({"series": series}, {})
    assert len(alone["series"]) > len(with_series["series"]), "a series without a member"


def test_two_datasets_of_one_title(small: Small) -> None:
    one, other = (f'<{{d}}> a dcat:Dataset ; dct:title "{t} de la ville"@fr .' for t in ("Arbres", "Bancs"))
    apart = small.step({"a": one, "b": other}, {})
    same = small.step({"a": one, "b": one}, {})
    assert len(same["a"]) == len(apart["a"]) + 1, "the one that did not change is concerned"


def test_a_page_that_many_describe_alike_concerns_only_whoever_is_new(small: Small) -> None:
    small.validator.profiles = [profile("dcat-ap-3")]  # without the query that looks for other datasets of one title
    page = "<http://e.org/page> a foaf:Document ."
    about = '<{d}> a dcat:Dataset ; dct:title "{slug} long enough"@fr ; dcat:landingPage <http://e.org/page> . '
    bare = about.replace("{slug}", "bare")
    told = {"a": about + page, "b": about + page, "c": bare}
    first = small.step(told, {})
    assert not has(first["c"], LANDING), "others say what the page is"
    small.judged.clear()
    small.step(told | {"d": about + page}, {})
    assert small.judged[0] == {"d"}, "three say so already"
    small.judged.clear()
    last = small.step({"b": about, "c": bare, "d": about}, {})
    assert has(last["c"], LANDING), "nobody says so any more"
    assert small.judged[0] == {"b", "c", "d"}


TERMS = ("<{b}dataset/a>", "<{b}dataset/b>", "<{b}dataset/c>", "<{b}agent/p>", "<{b}agent/q>", "<http://e.org/page>")
TERMS += ('"x"@fr', '"y"@fr')
LINKS = (
    *("dct:title", "dct:publisher", "dct:relation", "dct:isPartOf", "dct:creator", "foaf:name"),
    *("dcat:inSeries", "dcat:servesDataset", "dcat:distribution", "dcat:accessService", "dcat:landingPage"),
)
CLASSES = ("dcat:Dataset", "dcat:DatasetSeries", "dcat:DataService", "foaf:Agent", "dcat:Distribution")
SAID = st.lists(
    st.one_of(
        st.tuples(st.just("a"), st.sampled_from(CLASSES)),
        st.tuples(st.sampled_from(LINKS), st.sampled_from(TERMS)),
    ),
    max_size=5,
)


def described(node: str, said: list[tuple[str, str]], more: str = "") -> str:
    return f"<{node}> dct:identifier 'i'{more} " + "".join(f"; {p} {o} " for p, o in said) + "."


PAGES = st.sampled_from(["", "", " <http://e.org/page> a foaf:Document .", " <http://e.org/page> a foaf:Agent ."])
DATASETS = st.dictionaries(
    st.sampled_from("abc"),
    st.builds(lambda f, page: described("{d}", f, " ; a dcat:Dataset") + page, SAID, PAGES),
    min_size=1,
    max_size=3,
)
AGENTS = st.fixed_dictionaries({n: SAID.map(lambda f, n=n: described(f"{{b}}agent/{n}", f)) for n in "pq"})


@settings(max_examples=8, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.lists(st.tuples(DATASETS, AGENTS), min_size=2, max_size=4))
def test_what_is_found_after_any_changes_is_what_judging_everything_finds(
    tmp_path_factory: pytest.TempPathFactory, steps: list[tuple[dict[str, str], dict[str, str]]]
) -> None:
    city = Small(api_city.settings_in(tmp_path_factory.mktemp("changes")))
    for datasets, agents in steps:
        city.step(datasets, agents)


def test_a_registered_profile_is_one_of_the_settings(tmp_path: Path) -> None:
    named = {"store": {"path": "var"}, "validation": {"profiles": ["of-a-city", "hvd"]}}
    configured = build(named, folder=tmp_path, env={})
    body = b"<urn:s> <http://www.w3.org/ns/shacl#targetClass> <urn:c> ; <http://www.w3.org/ns/shacl#path> <urn:p> ."
    Registry.beside(configured.store.path).add("of-a-city", Text("", ""), [Given("c.ttl", "urn:city", body, ".ttl")])
    assert [profile.name for profile in Validator(configured).profiles] == ["of-a-city", "hvd"]


def test_a_run_tells_what_the_shapes_ask_and_was_not_checked(tmp_path: Path) -> None:
    with portal(3) as p:
        toulouse = city(tmp_path, f'[validation]\nprofiles = ["of-a-city"]\n{live(p.url)}')
        body = b"<urn:s> <http://www.w3.org/ns/shacl#targetClass> <urn:c> ; <http://www.w3.org/ns/shacl#minCont> 1 ."
        body += b"<urn:s> a <http://www.w3.org/ns/shacl#NodeShape> ."
        registry = Registry.beside(toulouse.settings.store.path)
        registry.add("of-a-city", Text("", ""), [Given("c.ttl", "urn:city", body, ".ttl")])
        summary = toulouse.run(validate=True)
    assert any("sh:minCont" in note["fr"] for note in summary.plain()["notes"])
    assert any("sh:minCont" in line for line in shown(summary, "fr"))
