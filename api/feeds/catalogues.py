"""Which catalogue a feed is of: the whole one, or that of one publisher, which is a `dcat:Catalog` of its own.

udata refuses a dataset that belongs to another organisation, and gives each city its own; so each publisher has a feed
that its organisation can be given. An agent of this catalogue is found by its slug. A publisher that kept an IRI of its
own has none; its name in addresses is made of that IRI.
"""

from __future__ import annotations

from dataclasses import dataclass

from pyoxigraph import Literal, NamedNode, Triple

from api.errors import Missing, NotPublished, Withdrawn
from catalog import paging
from catalog.archive import View
from catalog.assembly import catalogue, common_triples
from catalog.facets import Facet, Selection
from catalog.identifiers import Minter, slugify
from catalog.lines import lines_of
from catalog.model import Description, Kind
from catalog.settings import Settings
from vocab.namespaces import DCAT, DCT, FOAF, RDF
from vocab.text import Text


@dataclass(frozen=True, slots=True)
class Catalogue:
    """A catalogue that is fed. `slug` and `publisher` are empty for the whole one; `about` is its description."""

    iri: str
    slug: str
    publisher: str
    about: tuple[bytes, ...]
    services: tuple[Description, ...]

    @property
    def pages(self) -> str:
        """The name under which its pages are kept."""
        return self.publisher or paging.WHOLE


def whole(settings: Settings, view: View) -> Catalogue:
    """The catalogue of all datasets, as its release describes it."""
    services = tuple(view.all(Kind.SERVICE))
    return Catalogue(
        Minter(settings.catalog.base).catalog, "", "", tuple(lines_of(catalogue(settings, view))), services
    )


def of_publisher(settings: Settings, view: View, slug: str) -> Catalogue:
    """The catalogue of one publisher.

    Raises `Missing` for a name that is nobody's, `Withdrawn` for an agent that is described no longer, `NotPublished`
    for one that publishes nothing in this release: its readers would delete what they hold.
    """
    iri = _publisher(settings.catalog.base, view, slug)
    services = tuple(s for s in view.all(Kind.SERVICE) if (_node(s.iri), DCT.publisher, _node(iri)) in _pairs(s))
    about = lines_of(_described(settings, view, slug, iri, services))
    return Catalogue(Minter(settings.catalog.base).publisher_catalog(slug), slug, iri, tuple(about), services)


def slug_of(base: str, publisher: str) -> str:
    """The name of a publisher in the address of its feed."""
    own = publisher.removeprefix(f"{base}agent/")
    return own if own != publisher else slugify(publisher, limit=300)


def _publisher(base: str, view: View, slug: str) -> str:
    publishers = sorted(view.values(Facet.PUBLISHER), key=lambda iri: iri.startswith(f"{base}agent/"))
    named = {slug_of(base, iri): iri for iri in publishers}  # our own agents come last, and keep their names
    if slug in named:
        return named[slug]
    fate = view.fate(Kind.AGENT, slug)
    if fate == "live":
        raise NotPublished(
            Text(
                f"«\u00a0{slug}\u00a0» ne publie rien dans cette édition\u00a0; un flux vide effacerait des copies.",
                f"`{slug}` publishes nothing in this release; an empty feed would make readers delete their copies.",
            ),
            Text(
                "Retirez ce flux de vos sources s’il reste vide.", "Remove this feed from your sources if it stays so."
            ),
        )
    if fate == "gone":
        raise Withdrawn(
            Text(f"«\u00a0{slug}\u00a0» ne publie plus rien ici.", f"`{slug}` publishes nothing here any more."),
            Text("Retirez ce flux de vos sources.", "Remove this feed from your sources."),
        )
    listed = ", ".join(sorted(named)[:40]) + (" …" if len(named) > 40 else "")
    raise Missing(
        Text(f"Aucun producteur ne s’appelle «\u00a0{slug}\u00a0».", f"No publisher is called `{slug}`."),
        Text(f"Producteurs\u00a0: {listed}.", f"Publishers: {listed}."),
    )


def _described(
    settings: Settings, view: View, slug: str, publisher: str, services: tuple[Description, ...]
) -> list[Triple]:
    """DCAT-AP 3.0.1, class Catalogue: title, description and publisher; the rest as the whole catalogue has it."""
    minter = Minter(settings.catalog.base)
    node, agent = _node(minter.publisher_catalog(slug)), _node(publisher)
    found = [Triple(node, RDF.type, DCAT.Catalog), Triple(node, DCT.publisher, agent)]
    names = _names(view, publisher) or {"": slug}
    for lang, title in settings.catalog.title.items():
        name = names.get(lang) or next(iter(names.values()))
        found.append(Triple(node, DCT.title, Literal(f"{name} – {title}", language=lang)))
        text = Text(
            f"Les jeux de données de {name} dans le catalogue «\u00a0{title}\u00a0».",
            f"The datasets of {name} in the catalogue “{title}”.",
        )
        spoken = lang if lang in {"fr", "en"} else "en"
        found.append(Triple(node, DCT.description, Literal(text.of(spoken), language=spoken)))
    found += [Triple(node, DCT.isPartOf, _node(minter.catalog)), *common_triples(settings, node)]
    found += [Triple(node, DCAT.service, _node(s.iri)) for s in services]
    return list(dict.fromkeys(found))


def _names(view: View, publisher: str) -> dict[str, str]:
    """What the publisher is called, by language; empty for none."""
    described = view.get(publisher)
    if described is None:  # it kept its own IRI, and each of its datasets says what it is called
        first = view.selected(Selection(((Facet.PUBLISHER, publisher),)), limit=1)
        described = view.get(first[0].iri) if first else None
    found: dict[str, str] = {}
    for triple in described.triples if described else ():
        if triple.subject == _node(publisher) and triple.predicate == FOAF.name and isinstance(triple.object, Literal):
            found.setdefault(triple.object.language or "", triple.object.value)
    return found


def _pairs(description: Description) -> set[tuple[object, object, object]]:
    return {(t.subject, t.predicate, t.object) for t in description.triples}


def _node(iri: str) -> NamedNode:
    return NamedNode(iri)
