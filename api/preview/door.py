"""`/preview`, `/preview/{aggregator}` and `/preview/{aggregator}/{slug}`: previews for whoever keeps the metadata."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from pyoxigraph import NamedNode
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp

from api import asked
from api.asked import Asked
from api.errors import BadRequest, Missing, not_offered
from api.facts import dataset_facts, distribution_rows
from api.negotiation import media_type
from api.pages import last_page, page_number
from api.preview import data
from api.preview.aggregators import AGGREGATORS, Aggregator
from api.preview.changed import changed
from api.preview.comparison import Fate, Pair, compare, counts, resource_counts
from api.preview.harvests import WHOLE, Harvests
from api.preview.model import Harvest, Held, sums
from api.preview.own import Own
from api.preview.phrases import phrase
from api.preview.report import facts
from api.preview.rules import Effect, Note, Rule
from api.reading import Reading
from catalog.archive import View
from catalog.assembly import document
from catalog.model import Description, Kind
from catalog.releases import Release
from catalog.settings import Settings
from vocab.text import Text

LIST = 50
"""Datasets on a page of the list."""
_JSON = ".json"
_FORMS = {"html": "text/html", "json": "application/json"}


@dataclass(frozen=True, slots=True)
class Group:
    """A rule that applied: what it says, whom it concerns, what repairs it."""

    rule: Rule
    sentence: str
    repair: str
    number: int


@dataclass(frozen=True, slots=True)
class Row:
    """One dataset of the list, with what it loses; `slug` is empty for what has no page here."""

    held: Held
    slug: str
    notes: tuple[tuple[str, str], ...]


class PreviewDoor:
    """The pages of previews."""

    def __init__(self, settings: Settings, answers: asked.Answers, *, whole: int = WHOLE) -> None:
        """`whole` is how many datasets a feed may have to be previewed as a whole."""
        self.settings = settings
        self.limit = whole
        self.answers = answers
        self.published = answers.published
        self._harvests: Harvests | None = None
        self.published.keepers.append(self._forget)

    def index(self, request: Request) -> Response:
        """Who can be previewed."""
        found = self._asked(request, request.url.path)
        if (same := self.answers.unchanged(found)) is not None:
            return same
        every = list(AGGREGATORS.values())
        if found.suffix:
            return self.answers.json(found, data.aggregators(every, found.lang))
        return self._page(found, "preview.html", aggregators=every)

    def aggregator(self, request: Request) -> Response:
        """The datasets as one aggregator takes them, the worst first; with `since`, what changes for it."""
        name = str(request.path_params["aggregator"])
        found, who = self._asked(request, name), _who(name.removesuffix(_JSON))
        since = self._since(request, found.release)
        if (same := self.answers.unchanged(found)) is not None:
            return same
        publisher, iri = self._publisher(request, found.view)
        harvests = self._of(request.app)
        number, more, partial = page_number(request.query_params), False, found.release.manifest.datasets > self.limit
        if partial:
            harvest, more = harvests.page(who, found.release, number, publisher)
            listed, pages = _worst_first(harvest), number + more
        else:
            harvest = harvests.whole(who, found.release, publisher)
            everything = _worst_first(harvest)
            pages = last_page(len(everything), number, LIST)
            listed = everything[(number - 1) * LIST : number * LIST]
        changes: Sequence[Pair] = ()
        if since is not None and partial:
            then, now = (since, self.published.view(since)), (found.release, found.view)
            changes = compare(*changed(harvests, who, then, now, iri))
        elif since is not None:
            changes = compare(harvests.whole(who, since, publisher), harvest)
        groups = list(_groups(harvest, found.lang))
        if found.suffix:
            told = data.listing(
                who, harvest, listed, found.lang, page=number, following=number < pages, whole=not partial
            )
            told["rules"] = data.rules(((g.rule, g.number) for g in groups), found.lang)
            return self.answers.json(found, told | (data.since(since.number, changes) if since else {}))
        return self._page(
            found,
            "preview_aggregator.html",
            who=who,
            harvest=harvest,
            sums=sums(harvest.items),
            groups=groups,
            rows=[self._row(found, held) for held in listed],
            partial=partial,
            page=number,
            pages=pages,
            publisher=publisher,
            since=since,
            older=[r.number for r in self.published.listed() if r.number < found.release.number],
            changes=[p for p in changes if p.fate is not Fate.SAME],
            fates=counts(changes),
            resource_fates=resource_counts(changes),
        )

    def dataset(self, request: Request) -> Response:
        """One dataset: as it is published here, beside what the aggregator will show."""
        slug = str(request.path_params["slug"])
        found, who = self._asked(request, slug), _who(str(request.path_params["aggregator"]))
        described = found.view.by_slug(Kind.DATASET, slug.removesuffix(_JSON))
        if described is None:
            raise Missing(
                Text(f"Aucun jeu de données ne s’appelle «\u00a0{slug}\u00a0».", f"No dataset is called `{slug}`."),
                Text("La liste\u00a0: /preview/" + who.name, "The list: /preview/" + who.name),
            )
        if (same := self.answers.unchanged(found)) is not None:
            return same
        held = self._held(request, found, who, described)
        reading = Reading(document(self.settings, found.view, [described]), found.lang)
        node = NamedNode(described.iri)
        beside = list(_beside(held, who, dataset_facts(reading, node), found.lang)) if held else []
        if found.suffix:
            return self.answers.json(found, data.card(who, held, beside, found.lang))
        return self._page(
            found,
            "preview_dataset.html",
            who=who,
            slug=described.slug,
            held=held,
            rows=[(phrase(f"field_{name}", found.lang), here, there) for name, here, there in beside],
            resources=_resources(held, distribution_rows(reading, node)) if held else [],
            notes=[(n, n.of(found.lang), n.rule.repair.of(found.lang)) for n in held.notes] if held else [],
            title=reading.name(node).label,
        )

    def _held(self, request: Request, found: Asked, who: Aggregator, described: Description) -> Held | None:
        harvests = self._of(request.app)
        if found.release.manifest.datasets > self.limit:
            return harvests.one(who, f"{self.settings.catalog.base}dataset/{described.slug}.ttl", described.iri)
        items = harvests.whole(who, found.release).items
        return next((held for held in items if held.iri == described.iri), None)

    def _of(self, app: ASGIApp) -> Harvests:
        """The previews of this application; its own feed is asked for over its own door."""
        found = self._harvests
        if found is None:
            base, lang = self.settings.catalog.base, self.settings.catalog.languages[0]
            found = self._harvests = Harvests(Own(app, base), lang)
        return found

    def _forget(self) -> None:
        self._harvests = None

    def _since(self, request: Request, release: Release) -> Release | None:
        given = request.query_params.get("since", "")
        if not given:
            return None
        earlier = self.published.named(given)
        if earlier.number >= release.number:
            raise BadRequest(
                Text(
                    f"L’édition {earlier.number} n’est pas antérieure à l’édition {release.number}.",
                    f"Release {earlier.number} is not earlier than release {release.number}.",
                ),
                Text("Donnez une édition antérieure.", "Give an earlier release."),
            )
        return earlier

    def _publisher(self, request: Request, view: View) -> tuple[str, str]:
        """The slug and the IRI of the publisher whose feed is asked for; empty for none."""
        slug = request.query_params.get("publisher", "")
        found = view.by_slug(Kind.AGENT, slug) if slug else None
        if slug and found is None:
            raise Missing(
                Text(f"Aucun producteur ne s’appelle «\u00a0{slug}\u00a0».", f"No publisher is called `{slug}`."),
                Text("Les pages des jeux de données mènent à leur producteur.", "Pages of datasets name theirs."),
            )
        return slug, found.iri if found else ""

    def _asked(self, request: Request, name: str) -> Asked:
        """The request, with `json` for a suffix where the name, `format` or `Accept` say so, in this order."""
        found, given = self.answers.asked(request), request.query_params.get("format", "")
        if name.endswith(_JSON):
            return found.as_("json", "Accept-Language")
        if given and given not in _FORMS:
            raise not_offered(Text("Le format", "Format"), given, tuple(_FORMS))
        chosen = _FORMS.get(given) or media_type(request.headers.get("accept"), list(_FORMS.values()))
        return found.as_("json" if chosen == _FORMS["json"] else "", "Accept, Accept-Language")

    def _row(self, found: Asked, held: Held) -> Row:
        described = found.view.get(held.iri) if held.iri else None
        slug = described.slug if described is not None and described.kind is Kind.DATASET else ""
        said = {n.rule.name: (str(n.rule.effect), n.of(found.lang)) for n in reversed(held.notes)}
        lost = [one for one in reversed(said.values()) if one[0] != Effect.NOTE]
        return Row(held, slug, tuple(lost))

    def _page(self, found: Asked, template: str, **context: Any) -> Response:
        def say(name: str, **values: object) -> str:
            return phrase(name, found.lang).format(**values)

        return self.answers.page(found, template, say=say, **context)


def _who(name: str) -> Aggregator:
    if name not in AGGREGATORS:
        offered = ", ".join(AGGREGATORS)
        raise Missing(
            Text(f"«\u00a0{name}\u00a0» n’a pas d’aperçu.", f"There is no preview for `{name}`."),
            Text(f"Aperçus proposés\u00a0: {offered}.", f"Previews offered: {offered}."),
        )
    return AGGREGATORS[name]


def _worst_first(harvest: Harvest) -> list[Held]:
    order = [*Effect, None]
    return sorted(harvest.items, key=lambda h: (order.index(h.worst), h.title.casefold(), h.key))


def _groups(harvest: Harvest, lang: str) -> Iterator[Group]:
    """The rules that applied, the gravest first, then the most frequent."""
    met: dict[Rule, list[Note]] = {}
    for held in harvest.items:
        for rule in dict.fromkeys(n.rule for n in held.notes):
            met.setdefault(rule, []).append(next(n for n in held.notes if n.rule is rule))
    order = list(Effect)
    for rule, notes in sorted(met.items(), key=lambda i: (order.index(i[0].effect), -len(i[1]), i[0].name)):
        yield Group(rule, notes[0].of(lang), rule.repair.of(lang), len(notes))


def _beside(held: Held, who: Aggregator, ours: dict[str, Any], lang: str) -> Iterator[tuple[str, str, str]]:
    """Field by field: its name, what is published here, what the aggregator will show."""
    period = ", ".join(ours["temporal"])
    published = {
        "description": " ".join(" ".join(ours["description"]).split()),
        "licence": _labels(ours["licence"]),
        "tags": ", ".join([*ours["keywords"], *(n.label for n in ours["themes"])]),
        "frequency": _labels(ours["frequency"]),
        "temporal": period,
        "spatial": _labels(ours["spatial"]),
        "organisation": _labels(ours["publisher"]),
        "contacts": ", ".join(c.label for c in ours["contact"]),
        "issued": ours["issued"],
        "modified": ours["modified"],
        "landing": ours["landing_page"],
        "key": ours["identifier"],
    }
    shown = dict(zip(_FIELDS, (value for _, value in facts(held, who, lang)), strict=True))
    for name in _FIELDS:
        if name != "resources":
            yield name, published.get(name) or phrase("nothing", lang), shown[name]


_FIELDS = (
    *("key", "description", "licence", "hvd", "tags", "frequency", "temporal", "spatial", "organisation"),
    *("contacts", "issued", "modified", "landing", "resources"),
)
"""The fields in the order of `report.facts`."""


def _labels(named: Sequence[Any]) -> str:
    return ", ".join(n.label for n in named)


def _resources(held: Held, rows: Sequence[Any]) -> list[tuple[Any, Any]]:
    """Each distribution beside the resource made of it; either may be missing."""
    made = {r.iri: r for r in held.resources if r.iri}
    found = [(row, made.pop(row.iri, None)) for row in rows]
    rest = [(None, r) for r in held.resources if not r.iri or r.iri in made]
    return [*found, *rest]
