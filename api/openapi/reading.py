"""The operations of pages, feeds, dumps and everything else that is read for its own sake."""

from __future__ import annotations

from typing import Any

from api.errors import BadRequest, Missing, NotAcceptable, NotPublished, OverBudget, RangeRefused, TooBusy, Withdrawn
from api.feeds.door import SUFFIXES as FEEDS
from api.ldes.door import SUFFIXES as NODES
from api.naming import KINDS, SUFFIXES
from api.openapi.model import HTML, Operation, Parameter
from api.openapi.parameters import ACCEPT, IF_NONE_MATCH, LANG, PAGE, PUBLISHER, RELEASE, choice, slug
from api.preview.aggregators import AGGREGATORS
from api.quality import WAYS
from catalog.formats import FORMATS

ATOM, XML, JSON, CSV, PLAIN, GZIP = (
    *("application/atom+xml", "application/xml", "application/json", "text/csv", "text/plain", "application/gzip"),
)
COMMON = (BadRequest, NotPublished, OverBudget, TooBusy)
"""Errors behind every door that renders from a release."""
OF_A_RELEASE = (*COMMON, Missing, Withdrawn)
UNCHANGED = {304: "Your copy is still good."}
MOVED = {301: "The thing is called otherwise now: see `Location`."}
_RDF = tuple(dict.fromkeys(FORMATS[s].media_type for s in SUFFIXES))
_EVERY_RDF = tuple(dict.fromkeys(f.media_type for f in FORMATS.values()))
_GRAPH = {"application/ld+json": "Graph"}
_SHOWN = (LANG, RELEASE, IF_NONE_MATCH)
_SUFFIX = "A suffix decides the format: "
_FILTERS = (
    Parameter(
        "modified_since",
        "A date or a moment: datasets whose document has changed since.",
        {"type": "string", "examples": ["2026-03-01", "2026-03-01T03:00:00Z"]},
    ),
    Parameter("theme", "A theme, by its code or its IRI.", {"type": "string", "examples": ["ENVI"]}),
    Parameter("hvd", "`true`: datasets of high value; or the IRI of a category.", {"type": "string"}),
)
_THINGS = {
    "dataset": ("arbres", "A dataset, and what is minted below it (distributions, extents, contacts)"),
    "record": ("arbres", "The catalogue record of a dataset"),
    "agent": ("ville", "A publisher or another agent"),
    "concept": ("theme/nature", "The city's own vocabularies, and their concepts"),
    "service": ("api", "A data service"),
}


def _pages() -> tuple[Operation, ...]:
    page: dict[str, Any] = {"types": (HTML,), "others": UNCHANGED, "tag": "pages"}
    return (
        Operation(
            "/",
            "front",
            "The front page; for RDF types the description of the catalogue's services",
            "pages",
            parameters=(ACCEPT, *_SHOWN),
            types=(HTML, *_RDF),
            schemas=_GRAPH,
            others=UNCHANGED,
            errors=(*OF_A_RELEASE, NotAcceptable),
        ),
        Operation(
            "/services",
            "services",
            "The ways into the catalogue",
            "pages",
            parameters=(ACCEPT, *_SHOWN),
            types=(HTML, *_RDF),
            schemas=_GRAPH,
            others=UNCHANGED,
            errors=(*OF_A_RELEASE, NotAcceptable),
        ),
        Operation(
            "/services.{suffix}",
            "servicesAs",
            "The same in one format",
            "pages",
            parameters=(choice("suffix", "The format.", (*SUFFIXES, "html"), "path"), *_SHOWN),
            types=(HTML, *_RDF),
            schemas=_GRAPH,
            others=UNCHANGED,
            errors=OF_A_RELEASE,
        ),
        Operation(
            "/datasets",
            "datasets",
            "The datasets by title, 50 a page",
            parameters=(Parameter("q", "Words of the title; 200 characters are read."), PAGE, *_SHOWN),
            errors=OF_A_RELEASE,
            **page,
        ),
        Operation(
            "/publisher/{slug}",
            "publisher",
            "A publisher and its datasets",
            parameters=(slug("ville", "The publisher."), PAGE, *_SHOWN),
            errors=OF_A_RELEASE,
            **page,
        ),
        Operation(
            "/status",
            "status",
            "The release, the latest harvests, and what is planned",
            "pages",
            parameters=(LANG,),
            types=(HTML,),
            errors=(OverBudget, TooBusy, NotPublished),
        ),
        Operation("/robots.txt", "robots", "What crawlers leave alone", "pages", types=(PLAIN,)),
        Operation(
            "/sitemap.xml",
            "sitemap",
            "The pages for search engines: an index",
            "pages",
            parameters=(RELEASE, IF_NONE_MATCH),
            types=(XML,),
            others=UNCHANGED,
            errors=OF_A_RELEASE,
        ),
        Operation(
            "/sitemap/{number}.xml",
            "sitemapPart",
            "One part of it",
            "pages",
            parameters=(slug("0", "The part, from 0.", "number"), RELEASE, IF_NONE_MATCH),
            types=(XML,),
            others=UNCHANGED,
            errors=OF_A_RELEASE,
        ),
        Operation(
            "/changes.atom",
            "news",
            "What each release created, updated and withdrew",
            "feeds",
            parameters=_SHOWN,
            types=(ATOM,),
            others=UNCHANGED,
            errors=OF_A_RELEASE,
        ),
        Operation(
            "/changes/{number}.atom",
            "olderNews",
            "An archive of older changes; it never changes",
            "feeds",
            parameters=(slug("1", "The archive, from 1.", "number"), *_SHOWN),
            types=(ATOM,),
            others=UNCHANGED,
            errors=OF_A_RELEASE,
        ),
    )


def _things() -> tuple[Operation, ...]:
    return tuple(
        Operation(
            f"/{kind}/{{rest:path}}",
            kind,
            about,
            "things",
            about=f"{_SUFFIX}{', '.join((*SUFFIXES, 'html'))}; without one, `Accept` does.",
            parameters=(
                slug(example, "The slug, and what is below it; then the suffix.", "rest"),
                ACCEPT,
                PAGE,
                *_SHOWN,
            ),
            types=(*_RDF, HTML),
            schemas=_GRAPH,
            others=UNCHANGED | MOVED,
            errors=(*OF_A_RELEASE, NotAcceptable),
            failing={"application/problem+json": "Problem", HTML: "", **dict.fromkeys(_RDF, "")},
        )
        for kind, (example, about) in ((kind, _THINGS[kind]) for kind in KINDS)
    )


def _feeds() -> tuple[Operation, ...]:
    page = Parameter("page", "The page, from 1.", {"type": "integer", "minimum": 1, "maximum": 999_999})
    feed: dict[str, Any] = {
        "types": tuple(dict.fromkeys(FORMATS["rdf" if s == "xml" else s].media_type for s in FEEDS)),
        "schemas": _GRAPH,
        "others": UNCHANGED,
        "errors": OF_A_RELEASE,
    }
    suffix = choice("suffix", "The format.", FEEDS, "path")
    node: dict[str, Any] = {
        "types": tuple(FORMATS[s].media_type for s in NODES),
        "schemas": _GRAPH,
        "others": UNCHANGED,
        "errors": (*OF_A_RELEASE, NotAcceptable),
    }
    named = f"The number of the node. {_SUFFIX}{', '.join(NODES)}; without one, `Accept` does."
    return (
        Operation(
            "/catalog.{suffix}",
            "feed",
            "The harvest feed, 100 datasets a page",
            "feeds",
            parameters=(suffix, page, RELEASE, *_FILTERS, IF_NONE_MATCH),
            about="DCAT-AP 3 with Hydra paging. All pages of one reading come from one release.",
            **feed,
        ),
        Operation(
            "/catalog/{slug}.{suffix}",
            "feedOfPublisher",
            "The feed of one publisher",
            "feeds",
            parameters=(slug("ville", "The publisher."), suffix, page, RELEASE, *_FILTERS, IF_NONE_MATCH),
            **feed,
        ),
        Operation(
            "/catalog",
            "catalog",
            "The catalogue's IRI: the front page, or the feed's first page",
            "feeds",
            parameters=(ACCEPT, *_SHOWN, page, *_FILTERS),
            types=(*_RDF, HTML),
            schemas=_GRAPH,
            others=UNCHANGED,
            errors=(*OF_A_RELEASE, NotAcceptable),
        ),
        Operation(
            "/catalog/{slug}",
            "catalogOfPublisher",
            "A publisher's catalogue by its IRI",
            "feeds",
            parameters=(slug("ville", "The publisher."), ACCEPT, *_SHOWN, page, *_FILTERS),
            types=(*_RDF, HTML),
            schemas=_GRAPH,
            others=UNCHANGED,
            errors=(*OF_A_RELEASE, NotAcceptable),
        ),
        Operation(
            "/dump.{name}",
            "dump",
            "The whole release in one file, or its SHA-256",
            "feeds",
            parameters=(
                choice("name", "The file.", _dumps(), "path"),
                RELEASE,
                IF_NONE_MATCH,
                Parameter("Range", "The part that is wanted.", place="header"),
            ),
            types=(GZIP, PLAIN),
            others=UNCHANGED | {206: "The part."},
            errors=(*OF_A_RELEASE, RangeRefused),
        ),
        Operation(
            "/ldes",
            "changes",
            "The change feed: its root",
            "changes",
            parameters=(ACCEPT, IF_NONE_MATCH),
            about="A linked data event stream, described by TREE.",
            **node,
        ),
        Operation(
            "/ldes.{suffix}",
            "changesAs",
            "The same in one format",
            "changes",
            parameters=(choice("suffix", "The format.", NODES, "path"), IF_NONE_MATCH),
            **node,
        ),
        Operation(
            "/ldes/index/{name}",
            "changesIndex",
            "An index of it",
            "changes",
            parameters=(slug("1", named, "name"), ACCEPT, IF_NONE_MATCH),
            **node,
        ),
        Operation(
            "/ldes/page/{name}",
            "changesPage",
            "A page of it",
            "changes",
            parameters=(slug("1", named, "name"), ACCEPT, IF_NONE_MATCH),
            **node,
        ),
        Operation(
            "/ldes/event/{name}",
            "change",
            "One activity: sent on to its page",
            "changes",
            parameters=(slug("1", "The number of the activity.", "name"),),
            others={303: "The page that tells of it: see `Location`."},
            errors=OF_A_RELEASE,
        ),
    )


def _dumps() -> tuple[str, ...]:
    from api.dumps import NAMES

    return tuple(f"{name}{end}" for name in NAMES for end in ("", ".sha256"))


def _quality() -> tuple[Operation, ...]:
    narrowed = (
        choice("by", "What is listed.", WAYS),
        Parameter("cause", "The name of a cause, from the list by cause."),
        PUBLISHER,
        PAGE,
    )
    preview: dict[str, Any] = {
        "about": "`.json` at the end, `format=json` or `Accept` ask for JSON.",
        "types": (HTML, JSON),
        "schemas": {JSON: "Preview"},
        "others": UNCHANGED,
        "errors": OF_A_RELEASE,
        "tag": "quality",
    }
    form = choice("format", "Instead of `Accept`.", ("html", "json"))
    who = choice("aggregator", "Whose reading.", tuple(AGGREGATORS), "path")
    return (
        Operation(
            "/quality",
            "quality",
            "How the metadata of a release stand",
            "quality",
            parameters=(*narrowed, *_SHOWN),
            types=(HTML,),
            others=UNCHANGED,
            errors=OF_A_RELEASE,
        ),
        Operation(
            "/quality.{suffix}",
            "qualityAs",
            "The same as a table or as JSON",
            "quality",
            parameters=(choice("suffix", "The format.", ("csv", "json"), "path"), *narrowed, *_SHOWN),
            types=(JSON, CSV),
            schemas={JSON: "Quality"},
            others=UNCHANGED,
            errors=OF_A_RELEASE,
        ),
        Operation(
            "/quality/{rest:path}",
            "qualityOfDataset",
            "The findings about one dataset",
            "quality",
            about=f"{_SUFFIX}{', '.join((*SUFFIXES, 'csv', 'json', 'html'))}; without one, `Accept` does.",
            parameters=(
                slug("arbres", "The dataset's slug, a finding's key below it; then the suffix.", "rest"),
                ACCEPT,
                *_SHOWN,
            ),
            types=(HTML, *_RDF, JSON, CSV),
            schemas={**_GRAPH, JSON: "DatasetQuality"},
            others=UNCHANGED | MOVED,
            errors=(*OF_A_RELEASE, NotAcceptable),
            failing={"application/problem+json": "Problem", HTML: "", **dict.fromkeys(_RDF, "")},
        ),
        Operation(
            "/preview",
            "previews",
            "The aggregators whose reading can be previewed",
            parameters=(form, ACCEPT, *_SHOWN),
            **preview,
        ),
        Operation(
            "/preview.json",
            "previewsAsJson",
            "The same as JSON",
            "quality",
            parameters=_SHOWN,
            types=(JSON,),
            schemas={JSON: "Preview"},
            others=UNCHANGED,
            errors=OF_A_RELEASE,
        ),
        Operation(
            "/preview/{aggregator}",
            "preview",
            "The datasets as an aggregator takes them",
            parameters=(
                who,
                PUBLISHER,
                PAGE,
                Parameter("since", "An earlier release to compare with.", RELEASE.schema),
                form,
                ACCEPT,
                *_SHOWN,
            ),
            **preview,
        ),
        Operation(
            "/preview/{aggregator}/{slug}",
            "previewOfDataset",
            "One dataset here, and as it will be shown there",
            parameters=(who, slug("arbres", "The dataset."), form, ACCEPT, *_SHOWN),
            **preview,
        ),
        Operation(
            "/run/{rest:path}",
            "run",
            "A harvest, or one source in it, as it ended",
            "operation",
            parameters=(slug("1", "The number of the run, a source below it; then a suffix.", "rest"), ACCEPT, *_SHOWN),
            types=(*_RDF, HTML),
            schemas=_GRAPH,
            others=UNCHANGED,
            errors=(*OF_A_RELEASE, NotAcceptable),
        ),
    )


def operations() -> tuple[Operation, ...]:
    """All of them."""
    return (*_pages(), *_things(), *_feeds(), *_quality())
