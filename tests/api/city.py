"""A small city for the tests of the service: releases made by the catalogue's own writer from a few lines of Turtle."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path

from pyoxigraph import RdfFormat, parse

from catalog.assembly import in_catalogue, membership
from catalog.changes import Clock
from catalog.draft import Draft
from catalog.findings import Found
from catalog.identifiers import Minter
from catalog.intake import Intake
from catalog.lock import writing
from catalog.model import Description, Kind, Ledger, Mapped, Outcome, Record
from catalog.publication import publish, settle, shared_graphs
from catalog.quality_graph import quality_triples
from catalog.releases import Release, Releases
from catalog.settings import Settings
from catalog.staging import Staging

PREFIXES = """
@prefix dcat: <http://www.w3.org/ns/dcat#> . @prefix dct: <http://purl.org/dc/terms/> .
@prefix foaf: <http://xmlns.com/foaf/0.1/> . @prefix skos: <http://www.w3.org/2004/02/skos/core#> .
@prefix vcard: <http://www.w3.org/2006/vcard/ns#> . @prefix xsd: <http://www.w3.org/2001/XMLSchema#> .
@prefix eu: <http://publications.europa.eu/resource/authority/> . @prefix spdx: <http://spdx.org/rdf/terms#> .
"""

DATASET = """
<{d}> a dcat:Dataset ; dct:identifier "https://portal.example.org/explore/dataset/{slug}/" ; dct:title "{title}"@fr ;
  dct:description "Ce que la collectivité sait de « {title} », tenu à jour par ses services, pour tous."@fr ;
  dct:publisher <{b}agent/ville> ; dcat:theme eu:data-theme\\/ENVI , <{b}concept/theme/nature> ;
  dcat:keyword "nature"@fr , "ville"@fr ; dct:language eu:language\\/FRA ;
  dcat:contactPoint <{d}/contact> ; dct:temporal [ a dct:PeriodOfTime ; dcat:startDate "2020-01-01"^^xsd:date ] ;
  dct:spatial <{d}/extent> ; dct:accrualPeriodicity eu:frequency\\/ANNUAL ; dct:modified "{day}"^^xsd:date ;
  dct:license eu:licence\\/ETALAB_2_0 ; dcat:landingPage <https://portal.example.org/explore/dataset/{slug}/> ;
  dcat:temporalResolution "PT24H"^^xsd:duration ; dcat:distribution <{d}/distribution/csv> .
<{d}/contact> a vcard:Kind ; vcard:fn "Équipe données" ; vcard:hasEmail <mailto:donnees@example.org> .
<{d}/extent> a dct:Location ;
  dcat:bbox "POLYGON((1 43,2 43,2 44,1 44,1 43))"^^<http://www.opengis.net/ont/geosparql#wktLiteral> .
<{d}/distribution/csv> a dcat:Distribution ; dct:title "{title} – CSV"@fr ; dct:format eu:file-type\\/CSV ;
  dcat:mediaType <https://www.iana.org/assignments/media-types/text/csv> ; dct:license eu:licence\\/ETALAB_2_0 ;
  dcat:byteSize "{size}"^^xsd:nonNegativeInteger ; spdx:checksum [ spdx:checksumValue "0a1b"^^xsd:hexBinary ] ;
  dcat:accessURL <https://portal.example.org/{slug}.csv> ; dcat:downloadURL <https://portal.example.org/{slug}.csv> .
<{b}record/{slug}> a dcat:CatalogRecord ; foaf:primaryTopic <{d}> .
"""
AGENT = '<{b}agent/ville> a foaf:Agent ; foaf:name "{agent}"@fr ; foaf:homepage <https://ville.example.org/> .'
CONCEPT = '<{b}concept/theme/nature> a skos:Concept ; skos:prefLabel "Nature en ville"@fr , "Urban nature"@en .'
SERVICE = """
<{b}service/api> a dcat:DataService ; dct:title "API de la ville"@fr ; dct:identifier "api-ville" ;
  dcat:endpointURL <https://portal.example.org/api> ; dcat:servesDataset <{b}dataset/arbres> .
"""

TITLES = {"arbres": "Arbres d’alignement", "menus": "Menus des cantines", "velos": "Compteurs de vélos"}


class City:
    """One store folder, and the releases that a test publishes into it."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self.base = settings.catalog.base
        self.minter = Minter(self.base)
        self.day = datetime(2026, 3, 1, 12, tzinfo=UTC)
        self.agent = "Ville de Démo"
        self.clock: Clock | None = None
        """By what releases are dated; None: by the day that each is given."""

    def publish(
        self,
        titles: dict[str, str],
        *,
        extra: str = "",
        withdrawn: Sequence[str] = (),
        aliases: Iterable[tuple[str, str]] = (),
        findings: Sequence[Found] = (),
        summary: dict[str, object] | None = None,
    ) -> Release:
        """Publish the release that has these datasets (slug: title) added or changed, and those withdrawn.

        `extra` is Turtle added to each dataset, with {d}, {b} and {slug}; `aliases` pairs an old name with a slug.
        `findings` are entered for each dataset, `summary` for a run that ended with the release.
        """
        folder = self.settings.store.path
        with writing(folder):
            current = Releases(folder).current()
            number = current.number + 1 if current else 1
            at = self.day + timedelta(days=number)
            with closing(Draft(folder, number, at, self.base)) as draft, closing(Staging(folder, current)) as staging:
                release = self._publish(draft, staging, titles, extra, withdrawn, aliases, findings)
                if summary is not None:
                    draft.end_run(draft.start_run(), "published", number, at, summary)
                    draft.commit()
                return release

    def _publish(
        self,
        draft: Draft,
        staging: Staging,
        titles: dict[str, str],
        extra: str,
        withdrawn: Sequence[str],
        aliases: Iterable[tuple[str, str]],
        findings: Sequence[Found],
    ) -> Release:
        intake = Intake(staging.path.parent)
        for name, title in titles.items():
            record = self.record(name, title)
            identity = draft.identity(record, lambda slug: f"https://portal.example.org/explore/dataset/{slug}/", set())
            known = draft.known_by_slug(identity.slug)
            final = draft.put_dataset(self.mapped(identity.slug, title, extra), "city", identity, known)
            draft.put_findings(final.iri, "city", list(findings), publisher=f"{self.base}agent/ville")
            staging.workspace.replace(
                self.minter.quality(identity.slug),
                quality_triples(self.base, identity.slug, final.iri, findings),
                merged=False,
            )
            draft.put_record(record, slug=identity.slug, fingerprint="", outcome=Outcome.CREATED, ledger=Ledger())
            if known is None:
                intake.add(final.canonical + membership(self.base, final), identity.record_iri)
            else:
                staging.workspace.replace(identity.record_iri, in_catalogue(self.base, final))
        for spool in intake.full():
            staging.workspace.take(spool)
        for slug in withdrawn:
            draft.withdraw(slug)
            staging.workspace.replace(self.minter.record(slug), [])
        for alias, slug in aliases:
            draft.write("INSERT INTO aliases VALUES (?, ?, ?)", alias, slug, draft.number)
        settle(self.settings, draft)
        shared_graphs(self.settings, draft, staging.workspace)
        return publish(
            self.settings, draft, staging, run=None, clock=self.clock or (lambda: datetime.fromisoformat(draft.at))
        )

    def record(self, name: str, title: str) -> Record:
        """The record that a source would have given."""
        payload = json.dumps({"id": name, "title": title}).encode()
        return Record("city", name, payload, None, str(hash(payload)))

    def mapped(self, slug: str, title: str, extra: str = "") -> Mapped:
        """What mapping would have made of it."""
        iri = self.minter.dataset(slug)
        values = {"d": iri, "b": self.base, "slug": slug, "title": title, "day": "2026-02-01", "size": 1000 + len(slug)}
        values["agent"] = self.agent
        dataset = self.describe(iri, Kind.DATASET, slug, DATASET + extra, values)
        others = (
            self.describe(f"{self.base}agent/ville", Kind.AGENT, "ville", AGENT, values),
            self.describe(f"{self.base}concept/theme/nature", Kind.CONCEPT, "theme/nature", CONCEPT, values),
            self.describe(f"{self.base}service/api", Kind.SERVICE, "api", SERVICE, values),
        )
        return Mapped(dataset, others, Ledger())

    def describe(self, iri: str, kind: Kind, slug: str, turtle: str, values: dict[str, object]) -> Description:
        """A description from Turtle; blank nodes get labels made of the slug."""
        text = turtle
        for name, value in values.items():
            text = text.replace("{" + name + "}", str(value))
        nquads = b"".join(
            str(q.triple).encode() + b" .\n"
            for q in parse(PREFIXES + text, format=RdfFormat.TURTLE, rename_blank_nodes=False)
        )
        words = (word for line in nquads.decode().splitlines() for word in line.split())
        labels = list(dict.fromkeys(word for word in words if word.startswith("_:")))
        for n, label in enumerate(labels):
            nquads = nquads.replace(label.encode(), f"_:b{slug.replace('-', '')}{n}x".encode())
        return Description.of(iri, kind, slug, (q.triple for q in parse(nquads, format=RdfFormat.N_TRIPLES)))


def settings_in(folder: Path, **tables: dict[str, object]) -> Settings:
    """Settings on this folder; tables are merged over small limits that make tests quick."""
    from catalog.settings import build

    given: dict[str, dict[str, object]] = {
        "catalog": {"base": "https://data.example.org/", "title": {"fr": "Données de Démo", "en": "Demo data"}},
        "store": {"path": "var"},
        "query": {"timeout": 2.0, "memory": 300, "standing": False},
        "serve": {"port": 0, "workers": 2, "queue": 4, "dumps": False},
    }
    for name, table in tables.items():
        given[name] = {**given.get(name, {}), **table}
    return build(given, folder=folder, env={})
