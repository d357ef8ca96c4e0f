"""`/quality`: what is wrong with a release's metadata, by cause, publisher and dataset; for people and for programs.

Every address takes `?release=N` and then speaks of that release for as long as it is kept.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from pyoxigraph import NamedNode
from starlette.requests import Request
from starlette.responses import Response

from api import findings
from api.asked import DATA, Answers, Asked
from api.errors import Missing, not_offered
from api.pages import last_page, page_number
from api.reading import Reading
from catalog.findings import Cause
from catalog.model import Description, Kind
from catalog.quality import CauseCount, DatasetCount, Overview, Totals
from shapes.shapes_graph import path_in_words
from vocab.text import Text

LIST = 50
"""Datasets, causes or publishers on a page."""
TOP = 15
"""Causes and publishers on the overview."""
REMEMBERED = 8
"""Releases whose sums are kept in memory."""
WAYS = ("cause", "publisher", "dataset")


class QualityDoor:
    """A release's findings as sums and lists."""

    def __init__(self, answers: Answers) -> None:
        self.answers = answers
        self._overviews: dict[tuple[int, str], Overview] = {}
        answers.published.keepers.append(self._forget)

    def whole(self, request: Request) -> Response:
        """`/quality` and `/quality.{csv,json}`: sums; with `by` a list; with `cause`, `publisher` what fits them."""
        suffix = str(request.path_params.get("suffix", ""))
        if suffix and suffix not in DATA:
            raise not_offered(Text("Le format", "Format"), suffix, tuple(DATA))
        asked = self.answers.asked(request).as_(suffix, "Accept-Language" if suffix else "Accept, Accept-Language")
        if (same := self.answers.unchanged(asked)) is not None:
            return same
        by = asked.query.get("by", "")
        if by and by not in WAYS:
            raise not_offered(Text("Le classement", "Order"), by, WAYS)
        causes, publisher = self._causes(asked), self._publisher(asked)
        if suffix == "csv" and not by:
            return self._findings(asked, causes, publisher)
        if causes or publisher:
            return self._filtered(asked, causes, publisher)
        return self._listed(asked, by) if by else self._overview(asked)

    # ── what is asked for ────────────────────────────────────────────────────────────────────────────────────────

    def _causes(self, asked: Asked) -> list[Cause]:
        name = asked.query.get("cause", "")
        found = asked.quality.named(name) if name else []
        if name and not found:
            raise Missing(
                Text(
                    f"L’édition {asked.release.number} n’a aucun constat de cause «\u00a0{name[:40]}\u00a0».",
                    f"Release {asked.release.number} has no finding of cause `{name[:40]}`.",
                ),
                Text("Les causes\u00a0: /quality?by=cause.", "The causes: /quality?by=cause."),
            )
        return found

    def _publisher(self, asked: Asked) -> Description | None:
        slug = asked.query.get("publisher", "")
        if not slug:
            return None
        found = asked.view.by_slug(Kind.AGENT, slug)
        if found is None:
            raise Missing(
                Text(
                    f"Aucun producteur ne s’appelle «\u00a0{slug[:80]}\u00a0».",
                    f"No publisher is called `{slug[:80]}`.",
                ),
                Text("Les producteurs\u00a0: /quality?by=publisher.", "The publishers: /quality?by=publisher."),
            )
        return found

    def _forget(self) -> None:
        self._overviews = {}

    def _sums(self, asked: Asked, publisher: str = "") -> Overview:
        """The sums of a release, worked out once: they never change. Those of one publisher are quickly made."""
        if publisher:
            return asked.quality.overview(publisher)
        key = asked.release.number, asked.release.manifest.fingerprint  # a takedown rewrites releases
        known = self._overviews
        if key not in known:
            latest = sorted(known.items())[1 - REMEMBERED :]
            known = self._overviews = {**dict(latest), key: asked.quality.overview()}
        return known[key]

    # ── answers ──────────────────────────────────────────────────────────────────────────────────────────────────

    def _overview(self, asked: Asked) -> Response:
        overview, publishers = self._sums(asked), asked.quality.publishers()
        if asked.suffix == "json":
            return self.answers.json(asked, _plain_overview(overview, publishers, asked.lang))
        return self.answers.page(
            asked,
            "quality.html",
            overview=overview,
            causes=entries(asked, overview.causes[:TOP]),
            noise=entries(asked, overview.noise[:TOP]),
            publishers=publishers[:TOP],
        )

    def _listed(self, asked: Asked, by: str) -> Response:
        if by == "dataset":
            return self._datasets(asked, [], None)
        every: Sequence[Any] = self._sums(asked).causes if by == "cause" else asked.quality.publishers()
        page = page_number(asked.query)
        pages = last_page(len(every), page, LIST)
        rows = every if asked.suffix == "csv" else every[(page - 1) * LIST : page * LIST]
        if asked.suffix:
            return self._data(asked, by, len(every), rows)
        shown = entries(asked, rows) if by == "cause" else rows
        return self.answers.page(
            asked, "quality_list.html", by=by, total=len(every), rows=shown, page=page, pages=pages
        )

    def _filtered(self, asked: Asked, causes: list[Cause], publisher: Description | None) -> Response:
        if asked.suffix or not publisher or causes:
            return self._datasets(asked, causes, publisher)
        overview = self._sums(asked, publisher.iri)
        return self._datasets(asked, causes, publisher, totals=overview.totals, counted=overview.causes[:LIST])

    def _datasets(
        self,
        asked: Asked,
        causes: list[Cause],
        publisher: Description | None,
        *,
        totals: Totals | None = None,
        counted: Sequence[CauseCount] = (),
    ) -> Response:
        """The datasets with these causes, of this publisher; a page of them, all of them in a table."""
        iri = publisher.iri if publisher else ""
        page = page_number(asked.query)
        part = {"offset": 0, "limit": -1} if asked.suffix == "csv" else {"offset": (page - 1) * LIST, "limit": LIST}
        total, rows = asked.quality.datasets(causes=causes, publisher=iri, **part)
        pages = last_page(total, page, LIST)
        if asked.suffix:
            return self._data(asked, "dataset", total, rows)
        sums = self._sums(asked, iri) if causes else None
        met = [c for c in (*sums.causes, *sums.noise) if c.cause.name == causes[0].name] if sums else []
        return self.answers.page(
            asked,
            "quality_datasets.html",
            cause=entries(asked, met[:1])[0] if met else None,
            publisher=_agent(asked, publisher) if publisher else None,
            totals=totals,
            causes=entries(asked, counted),
            total=total,
            rows=rows,
            page=page,
            pages=pages,
        )

    def _findings(self, asked: Asked, causes: list[Cause], publisher: Description | None) -> Response:
        """Every finding as a row."""
        every = asked.quality.each(causes=causes, publisher=publisher.iri if publisher else "")
        rows = (findings.row(found, iri, title, asked.lang) for iri, title, found in every)
        return self.answers.stream(asked, findings.table(findings.COLUMNS, rows), DATA["csv"])

    def _data(self, asked: Asked, by: str, total: int, rows: Iterable[Any]) -> Response:
        plain = (_PLAIN[by](row, asked.lang) for row in rows)
        if asked.suffix == "json":
            return self.answers.json(asked, {"total": total, f"{by}s": list(plain)})
        pieces = findings.table(_HEADERS[by], (row.values() for row in plain))
        return self.answers.stream(asked, pieces, DATA["csv"])


def entries(asked: Asked, counted: Iterable[CauseCount]) -> list[dict[str, Any]]:
    """Causes as a page shows them, with the titles of their examples."""
    counted = list(counted)
    wanted = sorted({iri for c in counted for iri in c.examples})
    titles = {
        d.iri: (d.slug, Reading(d.triples, asked.lang).name(NamedNode(d.iri)).label) for d in asked.view.many(wanted)
    }
    return [
        findings.plain_cause(c.cause, asked.lang)
        | {
            "name": findings.property_name(c.cause.path, asked.lang),
            "path": path_in_words(c.cause.path),
            "findings": c.findings,
            "datasets": c.datasets,
            "examples": [titles[iri] for iri in c.examples if iri in titles],
        }
        for c in counted
    ]


def _agent(asked: Asked, agent: Description) -> dict[str, str]:
    return {"slug": agent.slug, "name": Reading(agent.triples, asked.lang).name(NamedNode(agent.iri)).label}


def _plain_cause(counted: CauseCount, lang: str) -> dict[str, Any]:
    return findings.plain_cause(counted.cause, lang) | {"findings": counted.findings, "datasets": counted.datasets}


def _plain_publisher(totals: Totals, _: str) -> dict[str, Any]:
    sums = {name: getattr(totals, name) for name in ("datasets", "clean", "violations", "warnings")}
    return {"publisher": totals.iri, "name": totals.title, **sums}


def _plain_dataset(counted: DatasetCount, _: str) -> dict[str, Any]:
    return {name: getattr(counted, name) for name in _HEADERS["dataset"]}


_PLAIN: dict[str, Any] = {"cause": _plain_cause, "publisher": _plain_publisher, "dataset": _plain_dataset}
_HEADERS: dict[str, tuple[str, ...]] = {
    "cause": (*findings.CAUSE, "concerns", "reference", "findings", "datasets"),
    "publisher": ("publisher", "name", "datasets", "clean", "violations", "warnings"),
    "dataset": ("iri", "slug", "title", "violations", "warnings"),
}


def _plain_overview(overview: Overview, publishers: Iterable[Totals], lang: str) -> dict[str, Any]:
    totals = overview.totals
    return {
        "datasets": totals.datasets,
        "without_violation": totals.clean,
        "violations": totals.violations,
        "warnings": totals.warnings,
        "set_apart": sum(c.findings for c in overview.noise),
        "profiles": [{"profile": p, "violations": v, "warnings": w} for p, v, w in overview.profiles],
        "causes": [_plain_cause(c, lang) for c in overview.causes],
        "noise": [_plain_cause(c, lang) for c in overview.noise],
        "publishers": [_plain_publisher(p, lang) for p in publishers],
    }
