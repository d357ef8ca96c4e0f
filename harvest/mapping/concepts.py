"""The city's own concepts (themes, places) and their place beside the EU vocabularies."""

from __future__ import annotations

import hashlib
import re
from functools import lru_cache

from catalog.identifiers import slugify
from catalog.model import Description, Kind
from harvest.mapping.draft import Draft
from harvest.mapping.gazetteer import ELSEWHERE
from harvest.mapping.statements import Statements, Term, iri, node, text
from vocab.namespaces import DCT, SKOS
from vocab.places import Place

CONCEPT, SCHEME, LOCATION = node(SKOS.Concept), node(SKOS.ConceptScheme), node(DCT.Location)
IN_SCHEME, LABEL, NOTATION = node(SKOS.inScheme), node(SKOS.prefLabel), node(SKOS.notation)
TITLE = node(DCT.title)

_TITLES = {
    "theme": ("Thèmes de la collectivité", "Themes of the local authority"),
    "place": ("Lieux de la collectivité", "Places of the local authority"),
}
_LONGEST = 80


def is_address(value: str) -> bool:
    """Whether a theme or place is given as an IRI and not as a word."""
    return re.match(r"https?://\S+\Z", value) is not None


@lru_cache(maxsize=16384)
def key(name: str) -> str:
    """A slug of `name` that two different names do not share for want of letters or room."""
    slug = slugify(name, limit=200)
    if slug == "sans-nom" or len(slug) > _LONGEST:
        digest = hashlib.sha1(name.encode(), usedforsecurity=False).hexdigest()[:8]
        return f"{slug[:_LONGEST].strip('-')}-{digest}"
    return slug


def city_theme(out: Draft, name: str) -> Term:
    """The city's own theme of this name, and its scheme, taken along; its IRI is `{base}concept/theme/{slug}`."""
    out.mention(_scheme(out.context.base, "theme"))
    return out.mention(_theme(out.context.base, name, out.tag))


def city_place(out: Draft, place: Place) -> Term:
    """The IRI of a place: the EU's, else a concept of our own with the official code as notation.

    A place of the level `ELSEWHERE`, in neither, is described beside the dataset.
    """
    if place.level == ELSEWHERE:
        out.statements.typed(iri(place.iri), LOCATION)
        out.statements.add(iri(place.iri), LABEL, text(place.name, out.tag))
    if place.iri:
        return iri(place.iri)
    out.mention(_scheme(out.context.base, "place"))
    return out.mention(_place(out.context.base, place))


@lru_cache(maxsize=8192)
def _theme(base: str, name: str, lang: str) -> Description:
    slug = key(name)
    own = f"{base}concept/theme/{slug}"
    made = Statements()
    made.typed(iri(own), CONCEPT)
    made.add(iri(own), LABEL, text(name, lang))
    made.add(iri(own), IN_SCHEME, iri(f"{base}concept/theme"))
    return Description(own, Kind.CONCEPT, f"theme/{slug}", made.canonical)


@lru_cache(maxsize=8192)
def _place(base: str, place: Place) -> Description:
    own = f"{base}concept/place/{place.slug}"
    made = Statements()
    made.typed(iri(own), CONCEPT, LOCATION)
    made.add(iri(own), LABEL, text(place.name, "fr"))
    made.add(iri(own), NOTATION, text(place.code))
    made.add(iri(own), IN_SCHEME, iri(f"{base}concept/place"))
    return Description(own, Kind.CONCEPT, f"place/{place.slug}", made.canonical)


@lru_cache(maxsize=16)
def _scheme(base: str, name: str) -> Description:
    own = f"{base}concept/{name}"
    made = Statements()
    made.typed(iri(own), SCHEME)
    for title, lang in zip(_TITLES[name], ("fr", "en"), strict=True):
        made.add(iri(own), TITLE, text(title, lang))
    return Description(own, Kind.CONCEPT, name, made.canonical)
