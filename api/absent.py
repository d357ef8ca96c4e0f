"""What is answered for a name that a release does not hold: where it went, when it was withdrawn, or what is near it.

An alias leads to the name of today (301). What was withdrawn is 410 with a tombstone: what it was called, when and in
which release it went, and which kept release still describes it; as RDF for those who ask for RDF. Else 404, with the
nearest names.
"""

from __future__ import annotations

from pyoxigraph import Literal, NamedNode, Triple
from starlette.responses import RedirectResponse, Response

from api.asked import DATA, Answers, Asked
from api.dates import date
from api.errors import Missing, Withdrawn
from api.naming import PAGE, SUFFIXES, split
from api.negotiation import media_type
from catalog.formats import FORMATS, Format, write
from catalog.model import Kind
from catalog.nearest import nearest
from catalog.tombstones import Tombstone, tombstone, tombstone_of_part
from vocab.namespaces import AS, DCAT, DCT, FOAF, GARONNE, PROV, RDF, RDFS, SKOS, XSD
from vocab.text import Text

_CLASSES = {
    Kind.DATASET: DCAT.Dataset,
    Kind.AGENT: FOAF.Agent,
    Kind.CONCEPT: SKOS.Concept,
    Kind.SERVICE: DCAT.DataService,
}
_ABOUT_DATASETS = frozenset({"dataset", "record", "quality"})
_BY_TYPE = {FORMATS[s].media_type: FORMATS[s] for s in SUFFIXES}
_SINCE = (("fr", " le "), ("en", " on "))


class Absent:
    """Answers for what is not there. `path` is an address below the base, with its suffix if it has one."""

    def __init__(self, answers: Answers) -> None:
        self.answers = answers
        self.published = answers.published

    def answer(self, asked: Asked, path: str) -> Response:
        """The redirection or the tombstone in RDF; raises `Withdrawn` or `Missing` where a page or a problem is due."""
        name, suffix = split(path, (*SUFFIXES, PAGE, *DATA))
        first, _, rest = name.partition("/")
        kind = Kind.DATASET if first in _ABOUT_DATASETS else Kind(first)
        slug, slash, below = rest.partition("/") if kind is Kind.DATASET else (rest, "", "")
        fate = asked.view.fate(kind, slug)
        if isinstance(fate, tuple):
            return self._moved(asked, f"{first}/{fate[1]}{slash}{below}{path[len(name) :]}")
        if fate == "live":
            stone = tombstone_of_part(asked.view, slug, below) if below else None
        else:
            stone = tombstone(asked.view, kind, slug)
        if fate == "gone" or stone is not None:
            return self._gone(asked, rest, suffix, stone)
        raise self._missing(asked, first, kind, rest, slug)

    def _moved(self, asked: Asked, target: str) -> Response:
        given = str(asked.request.url.query)
        address = self.answers.renderer.here(target) + (f"?{given}" if given else "")
        return RedirectResponse(address, 301, headers={"Cache-Control": "no-cache"})

    # ── what was withdrawn ───────────────────────────────────────────────────────────────────────────────────────

    def _gone(self, asked: Asked, name: str, suffix: str, stone: Tombstone | None) -> Response:
        error = self._withdrawn(name, stone)
        fmt = FORMATS.get(suffix) or _wanted(asked)
        if fmt is None or stone is None:
            raise error
        headers = {"Cache-Control": "no-cache", "Garonne-Release": str(asked.release.number)}
        headers |= {"Content-Type": fmt.content_type} | ({} if suffix else {"Vary": "Accept"})
        return Response(write(self._stated(stone, error), fmt), 410, headers=headers)

    def _withdrawn(self, name: str, stone: Tombstone | None) -> Withdrawn:
        if stone is None:
            return Withdrawn(
                Text(
                    f"« {name} » a été publié ici et a été retiré.", f"`{name}` was published here and was withdrawn."
                ),
                Text("Aucune édition conservée ne le décrit plus.", "No kept release describes it any more."),
            )
        moment = self.published.moment(stone.release)
        since_fr, since_en = (f"{before}{date(lang)(moment.isoformat())}" if moment else "" for lang, before in _SINCE)
        describing = self._describing(stone)
        return Withdrawn(
            Text(
                f"« {stone.title} » ({name}) a été retiré{since_fr}, avec l’édition {stone.release}.",
                f"`{stone.title}` ({name}) was withdrawn{since_en}, with release {stone.release}.",
            ),
            Text(
                f"L’édition {describing} le décrit encore : ajoutez ?release={describing} à l’adresse.",
                f"Release {describing} still describes it: add ?release={describing} to the address.",
            )
            if describing
            else Text("Aucune édition conservée ne le décrit plus.", "No kept release describes it any more."),
            called=stone.title,
            withdrawn=moment.isoformat() if moment else "",
            release=stone.release,
            describing=describing,
        )

    def _describing(self, stone: Tombstone) -> int:
        """The latest kept release that describes it; 0 where none does."""
        kept = (r for r in reversed(self.published.listed()) if r.number < stone.release)
        return next((r.number for r in kept if stone.stands_in(self.published.view(r))), 0)

    def _stated(self, stone: Tombstone, error: Withdrawn) -> list[Triple]:
        """The tombstone in RDF: ActivityStreams' word for it, and PROV's for the time."""
        node = NamedNode(stone.iri)
        found = [
            Triple(node, RDF.type, AS.Tombstone),
            Triple(node, DCT.title, Literal(stone.title)),
            Triple(node, GARONNE.release, Literal(str(stone.release), datatype=XSD.integer)),
            *(Triple(node, RDFS.comment, Literal(error.text.of(lang), language=lang)) for lang in ("fr", "en")),
        ]
        if not stone.part:
            found.append(Triple(node, AS.formerType, _CLASSES[stone.kind]))
        if stone.identifier != stone.iri:
            found.append(Triple(node, DCT.identifier, Literal(stone.identifier)))
        if error.withdrawn:
            moment = Literal(error.withdrawn, datatype=XSD.dateTime)
            found += [Triple(node, AS.deleted, moment), Triple(node, PROV.invalidatedAtTime, moment)]
        return found

    # ── what never was ───────────────────────────────────────────────────────────────────────────────────────────

    def _missing(self, asked: Asked, first: str, kind: Kind, name: str, slug: str) -> Missing:
        near = [self.answers.renderer.here(f"{first}/{s}") for s in nearest(asked.view, kind, slug)]
        error = Missing(
            Text(
                f"Ce catalogue ne décrit rien sous le nom « {name} ».",
                f"This catalogue describes nothing named `{name}`.",
            ),
            Text(f"Le nom le plus proche : {near[0]}.", f"The nearest name: {near[0]}.")
            if near
            else Text("Cherchez-le dans la liste des jeux de données.", "Look for it in the list of datasets."),
        )
        error.nearest = near
        return error


def _wanted(asked: Asked) -> Format | None:
    """The RDF format that the client names; None for whoever names none, or a page or a problem before it."""
    accept = asked.request.headers.get("accept")
    return _BY_TYPE.get(media_type(accept, ["application/problem+json", "text/html", *_BY_TYPE]) or "")
