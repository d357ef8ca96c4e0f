"""Sets (OAI-PMH 2.0, section 2.6): by publisher, by theme, and the high-value datasets; two levels and more."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from api.short_names import short_name
from catalog.archive import View
from catalog.draft import title_of
from catalog.facets import Facet
from vocab.namespaces import HVD_LEGISLATION
from vocab.terms import ancestors, term
from vocab.text import Text

TOP: dict[Facet, Text] = {
    Facet.PUBLISHER: Text("Par producteur", "By publisher"),
    Facet.THEME: Text("Par thème", "By theme"),
    Facet.HVD: Text("Données de forte valeur", "High-value datasets"),
}


@dataclass(frozen=True, slots=True)
class Set:
    """One set: its `setSpec`, its name, and what its members have; an empty `value` is any."""

    spec: str
    name: str
    facet: Facet
    value: str = ""


class Sets:
    """The sets of the catalogue with this base IRI, named in this language."""

    def __init__(self, base: str, lang: str) -> None:
        self.base = base
        self.lang = lang

    def all(self, view: View) -> list[Set]:
        """The sets that have a member in this release, by specification; those above them come first."""
        return self._of({facet: sorted(view.values(facet)) for facet in TOP}, view)

    def _of(self, values: dict[Facet, list[str]], view: View) -> list[Set]:
        names = {d.iri: title_of(d) for d in view.many([iri for found in values.values() for iri in found])}
        return sorted(self._listed(values, names), key=lambda s: s.spec)

    def _listed(self, values: dict[Facet, list[str]], names: dict[str, str]) -> Iterator[Set]:
        for facet, found in values.items():
            if found:
                yield Set(facet.value, TOP[facet].of(self.lang), facet)
            for value in found:
                if value != HVD_LEGISLATION:
                    yield Set(self.spec(facet, value), names.get(value) or self._label(value), facet, value)

    def _label(self, iri: str) -> str:
        found = term(iri)
        if found is None:
            return iri
        return found.fr if self.lang == "fr" else found.en

    def named(self, spec: str, view: View) -> Set | None:
        """The set that a request names, None when no dataset is in it, or was: one that all have left has deletions."""
        ever = self._of({facet: sorted(view.ever(facet)) for facet in TOP}, view)
        return next((s for s in ever if s.spec == spec), None)

    def specs(self, facets: Iterable[tuple[Facet, str]]) -> list[str]:
        """The sets of a record that has these values: the innermost ones, in which it is in those above them too."""
        found = {self.spec(facet, value) for facet, value in facets}
        return sorted(spec for spec in found if not any(other.startswith(f"{spec}:") for other in found))

    def spec(self, facet: Facet, value: str) -> str:
        """The `setSpec` of a value: readable where the catalogue or a vocabulary has a short name for it."""
        if value == HVD_LEGISLATION:
            return facet.value
        line = [*reversed([above.iri for above in ancestors(value)]), value] if facet is Facet.HVD else [value]
        return ":".join([facet.value, *(short_name(self.base, iri) for iri in line)])
