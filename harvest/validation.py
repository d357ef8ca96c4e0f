"""The profiles of the settings over batches of datasets, each judged with what the catalogue says beside it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from functools import cached_property

from pyoxigraph import NamedNode, Triple

from catalog import findings
from catalog.assembly import membership
from catalog.findings import Found
from catalog.identifiers import Minter
from catalog.model import Description
from catalog.quality_graph import rules
from catalog.settings import Settings
from harvest.lookups import Lookups
from shapes.background import common, subclasses
from shapes.dependants import Line, Reach
from shapes.engine import Engine, engine
from shapes.finding import Severity
from shapes.graph import Graph
from shapes.noise import Sieve
from shapes.plan import Plan
from shapes.registry import Registry
from shapes.set_engine import SetEngine
from vocab.namespaces import DCAT, DCATAP, DCT, FOAF, RDF
from vocab.text import Text

SIEVED: tuple[tuple[tuple[str, bool], ...], ...] = (
    *(((str(DCT.publisher), True), (str(told), True)) for told in (RDF.type, FOAF.name, DCT.type)),
    *(
        ((str(DCAT.servesDataset), True), (str(told), True))
        for told in (DCATAP.applicableLegislation, DCATAP.hvdCategory)
    ),
)
"""What telling noise from faults looks at beside a finding's own node (`shapes.noise`)."""


class Validator:
    """Runs the configured profiles. `fingerprint` names profiles and engine, and what is done with noise.

    `notes` are what the shapes ask and was not checked, as far as anything was validated.
    """

    def __init__(self, settings: Settings, *, active: bool = True) -> None:
        names = settings.validation.profiles if active else []
        self.minter = Minter(settings.catalog.base)
        registry = Registry.beside(settings.store.path)
        self.profiles = [registry.profile(name) for name in names]
        self.engine: Engine | None = engine(settings.validation.engine) if names else None
        self.apart = settings.validation.noise == "apart"
        parts = [*(p.fingerprint[:16] for p in self.profiles), settings.validation.engine]
        self.fingerprint = "+".join(parts if self.apart else [*parts, "noise"])
        self.notes: dict[Text, None] = {}
        self._homes: dict[object, str] = {t.subject: p.name for p in reversed(self.profiles) for t in p.triples}
        self._terms: dict[str, tuple[Line, ...]] = {}

    @cached_property
    def reach(self) -> Reach:
        """What the profiles look at beyond a description."""
        if isinstance(self.engine, SetEngine):
            return Reach(self.engine.plan(self.profiles), SIEVED)
        return Reach(Plan(dict.fromkeys(t for p in self.profiles for t in p.triples)), SIEVED)

    @cached_property
    def _sieve(self) -> Sieve:
        return Sieve((t for p in self.profiles for t in p.triples), Graph())

    def concerned(self, iri: str, statements: Iterable[Line], look: Lookups) -> set[str]:
        """The nodes, besides those of the description `iri` itself, whose findings its changed statements may alter."""
        own = (f"<{iri}>", f"<{iri}/")
        changed = [one for one in statements if one[0].startswith(own) or not look.stated_before(one)]
        return {node for node in self.reach.dependants(changed, look) if not node.startswith(own)}

    def findings(self, datasets: Sequence[Description], look: Lookups) -> dict[str, list[Found]]:
        """The findings of each dataset by its IRI, those for information left out, worst first.

        What the catalogue says beside the datasets is known to the shapes and is not validated.
        """
        if self.engine is None or not datasets:
            return {}
        own = Graph.from_ntriples(*(d.canonical for d in datasets))
        found: dict[str, list[Found]] = defaultdict(list)
        owners, known, sieve = self._owners(datasets), self._known(own, datasets, look), self._sieve
        judged = self.engine.validate(own, self.profiles, known)
        self.notes |= dict.fromkeys(self.engine.notes)
        sieve.data = Graph([*own.lines(), *known.lines()]) if judged else own
        for finding in judged:
            if finding.severity is not Severity.INFO:
                shape = NamedNode(finding.shape) if finding.shape else None
                entry = findings.of(
                    finding,
                    self._homes.get(shape, ""),
                    noise=sieve.noise(finding) if self.apart else None,
                    fields=", ".join(sorted(finding.fields)),
                )
                for iri in owners.get(finding.root or finding.focus, (finding.dataset,)):
                    found[iri].append(entry)
        return found

    def _owners(self, datasets: Iterable[Description]) -> Mapping[str, Iterable[str]]:
        """The datasets that describe each node."""
        found: dict[str, dict[str, None]] = defaultdict(dict)
        for d in datasets:
            for line in d.canonical.decode().split("\n"):
                if line:
                    found[line.partition(" ")[0]][d.iri] = None
        return found

    def _known(self, own: Graph, datasets: Sequence[Description], look: Lookups) -> Graph:
        """What is known beside the datasets: the catalogue around them, controlled terms, usual subclasses."""
        beside = self.reach.context(own, _Beside(look, self.minter.base, datasets, self.reach))
        links = Graph.from_ntriples(*(membership(self.minter.base, d) for d in datasets))
        named = {o for _, _, o in own.lines()} | {o for _, _, o in beside}
        terms = (line for node in named if node.startswith("<") for line in self._term(node))
        return Graph([*beside, *links.lines(), *terms, *Graph.from_triples(subclasses()).lines()])

    def _term(self, node: str) -> tuple[Line, ...]:
        """What is common knowledge about a controlled term, looked up once a run."""
        if node not in self._terms:
            known = common(node[1:-1])
            self._terms[node] = tuple((str(t.subject), str(t.predicate), str(t.object)) for t in known)
        return self._terms[node]

    def rules(self) -> list[Triple]:
        """What the rules of the profiles say, for the graph that SPARQL joins with the findings."""
        return [t for p in self.profiles for t in rules(p.name, p.triples)]


class _Beside:
    """The catalogue beside some datasets. What is minted below a dataset is described by the dataset alone."""

    def __init__(self, look: Lookups, base: str, datasets: Iterable[Description], reach: Reach) -> None:
        self._look = look
        self._own = {f"<{d.iri}>" for d in datasets if d.iri.startswith(base)}
        self._own |= {f"<{Minter(base).record(d.slug)}>" for d in datasets}
        self._below = tuple(f"{node[:-1]}/" for node in self._own)
        self._named = look.used(reach.backward)

    def about(self, node: str) -> Mapping[str, Sequence[str]]:
        if node in self._own or node.startswith(self._below):
            return {}
        return self._look.about(node)

    def naming(self, node: str) -> Mapping[str, Sequence[str]]:
        return self._look.naming(node) if self._named else {}


def publisher(dataset: Description) -> str:
    """The IRI of the agent that a dataset names as its publisher, the first by alphabet; empty where there is none."""
    start = f"<{dataset.iri}> {DCT.publisher} <".encode()
    found = [line for line in dataset.canonical.split(b"\n") if line.startswith(start)]
    return min((line[len(start) :].partition(b">")[0].decode() for line in found), default="")
