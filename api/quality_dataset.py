"""`/quality/{slug}`: the findings about one dataset, as a page, a table, a document or a graph."""

from __future__ import annotations

from typing import Any

from pyoxigraph import Literal, NamedNode, Triple
from starlette.requests import Request
from starlette.responses import Response

from api import findings
from api.absent import Absent
from api.asked import DATA, Answers, Asked
from api.errors import NotAcceptable
from api.links import links
from api.naming import PAGE, Thing
from api.negotiation import media_type
from api.reading import Reading
from api.rendering import VARY
from catalog.archive import View
from catalog.assembly import document
from catalog.findings import Found
from catalog.formats import FORMATS, write
from catalog.identifiers import Minter
from catalog.model import Description, Kind
from catalog.quality_graph import quality_triples
from catalog.settings import Settings
from vocab.namespaces import DCAT, DCT, DQV, RDF, SH

GRAPHS = ("ttl", "rdf", "jsonld", "nt", "trig")
_OFFERED = {
    **{FORMATS[s].media_type: s for s in GRAPHS},
    **dict.fromkeys(("text/html", "application/xhtml+xml"), ""),
    "application/json": "json",
    "text/csv": "csv",
}


class DatasetQuality:
    """The findings about single datasets."""

    def __init__(self, settings: Settings, answers: Answers) -> None:
        self.settings = settings
        self.answers = answers
        self.minter = Minter(settings.catalog.base)
        self.absent = Absent(answers)

    def dataset(self, request: Request) -> Response:
        """One dataset's findings, in the form that suffix or `Accept` ask for; 301 for an alias, 410, 404."""
        path = str(request.path_params["rest"])
        asked = self.answers.asked(request)
        described, suffix = self._described(asked, path)
        if described is None:
            return self.absent.answer(asked, f"quality/{path}")
        form = "" if suffix == PAGE else suffix or self._negotiated(request)
        asked = asked.as_(form, "Accept-Language" if suffix == PAGE else _vary(suffix))
        name = path.removesuffix(f".{suffix}") if suffix else path
        thing = Thing(described, self.minter.quality(name), f"quality/{name}", suffix)
        asked = asked.with_links(links(self.minter.base, thing, asked.kept))
        if (same := self.answers.unchanged(asked)) is not None:
            return same
        found = asked.view.findings(described.iri)
        if asked.suffix in GRAPHS:
            fmt = FORMATS[asked.suffix]
            return self.answers.body(asked, write(self._graph(described, found or []), fmt), fmt.content_type)
        if asked.suffix == "csv":
            rows = (findings.row(f, described.iri, _title(asked, described), asked.lang) for f in found or ())
            return self.answers.body(asked, b"".join(findings.table(findings.COLUMNS, rows)), DATA["csv"])
        if asked.suffix == "json":
            return self.answers.json(asked, _plain(asked, described, found))
        return self._page(asked, described, found)

    def _described(self, asked: Asked, path: str) -> tuple[Description | None, str]:
        """The dataset that an address names, and the suffix taken off. A finding's own address is below its dataset."""
        stem, _, suffix = path.rpartition(".")
        attempts = [(path, ""), (stem, suffix)] if suffix in {*GRAPHS, *DATA, PAGE} else [(path, "")]
        for attempt, taken in attempts:
            slug, slash, key = attempt.partition("/")
            described = asked.view.by_slug(Kind.DATASET, slug)
            if described is None:
                continue
            if not slash or any(f.key == key for f in asked.view.findings(described.iri) or ()):
                return described, taken
        return None, ""

    def _negotiated(self, request: Request) -> str:
        accept = request.headers.get("accept")
        chosen = media_type(accept, list(_OFFERED))
        if chosen is None:
            raise NotAcceptable(accept or "", list(_OFFERED))
        return _OFFERED[chosen]

    def _page(self, asked: Asked, described: Description, found: list[Found] | None) -> Response:
        reading = Reading(document(self.settings, asked.view, [described]), asked.lang)
        node = NamedNode(described.iri)
        lines = findings.finding_rows(found or (), asked.lang, findings.names_of(reading, node))
        return self.answers.page(
            asked,
            "quality_dataset.html",
            slug=described.slug,
            title=reading.name(node).label,
            iri=self.minter.quality(described.slug),
            checked=found is not None,
            lines=[one for one in lines if not one.noise],
            noise=[one for one in lines if one.noise],
            editor=self._editor(asked.view, described.iri),
            landing=reading.address(node, DCAT.landingPage),
        )

    def _editor(self, view: View, iri: str) -> str:
        """Where the metadata are edited: the back office of an OpenDataSoft portal; empty where it is not known."""
        source, record = view.origin(iri)
        for configured in self.settings.sources:
            if configured.id == source and configured.kind == "opendatasoft" and configured.url:
                return f"{configured.url.rstrip('/')}/backoffice/catalog/datasets/{record}/#information"
        return ""

    def _graph(self, described: Description, found: list[Found]) -> list[Triple]:
        """The findings' graph, with what their rules say: a reader needs the sentence too."""
        report = NamedNode(self.minter.quality(described.slug))
        about = [Triple(report, RDF.type, DQV.QualityMetadata), Triple(report, DCT.subject, NamedNode(described.iri))]
        about += quality_triples(self.minter.base, described.slug, described.iri, found)
        for cause in {f.cause.id: f.cause for f in found if f.cause.shape}.values():
            words = (Literal(cause.rule.of(lang), language=lang) for lang in ("fr", "en") if cause.rule.of(lang))
            about += [Triple(NamedNode(cause.shape), SH.message, text) for text in words]
        return list(dict.fromkeys(about))


def _vary(suffix: str) -> str:
    """What an answer depends on beside its address: a graph says everything in both languages."""
    return VARY if not suffix else "" if suffix in GRAPHS else "Accept-Language"


def _title(asked: Asked, described: Description) -> str:
    return Reading(described.triples, asked.lang).name(NamedNode(described.iri)).label


def _plain(asked: Asked, described: Description, found: list[Found] | None) -> dict[str, Any]:
    return {
        "dataset": described.iri,
        "title": _title(asked, described),
        "validated": found is not None,
        "findings": [findings.plain(f, asked.lang) for f in found or ()],
    }
