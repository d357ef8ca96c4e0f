"""Another SPARQL endpoint: its resources are listed key by key, and what is said of them is asked for in batches.

What comes is spooled, and read back one resource at a time, as a document of the kind `dcat` is: the same catalogue
gives the same records through both.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass, field

from pyoxigraph import BlankNode, NamedNode, Triple

from catalog.errors import ResponseInvalid, SettingsInvalid, SourceError, SourceUnavailable, unknown_choice
from catalog.model import Identity, Mapped, Record, Text
from catalog.settings import HarvestSettings, SourceSettings
from harvest.fetching import client_of
from harvest.graph.mapping import map_graph
from harvest.graph.model import parts, quotes
from harvest.graph.records import graph_of, record_of
from harvest.mapping.context import Context
from harvest.rdf.closure import DEEPEST, is_scheme
from harvest.rdf.read import Document
from harvest.rdf.spool import Spool
from harvest.repair import iris
from harvest.source import Check, Rejected
from harvest.sparql import GRAPH, NOT_FOLLOWED, Endpoint, Start, records, unnamed, values
from vocab.namespaces import RDF

KIND = "sparql"
PAGE, BATCH = 1000, 50
DEPTH, DEEPEST_BLANK = 2, 16
"""Steps from blank node to blank node that are asked for at first, and at most."""
_OPTIONS = ("graph", "graphs", "method", "page", "batch")
BAD_IRI = Text(
    "son IRI contient des signes qui y sont interdits\u00a0: le serveur ne peut être interrogé sur elle.",
    "its IRI holds characters that no IRI may have, so that the endpoint cannot be asked about it.",
)


class Sparql:
    """One endpoint. `options` are explained in docs/sources/sparql.md."""

    def __init__(self, settings: SourceSettings, harvest: HarvestSettings, notify: Callable[[Text], None]) -> None:
        if not settings.url:
            raise SettingsInvalid(f"source `{settings.id}` needs the `url` of an endpoint.")
        self.settings = settings
        self.harvest = harvest
        self.notify = notify
        self.total: int | None = None
        self.complete = True
        given = settings.options
        for name in given:
            if name not in _OPTIONS:
                raise unknown_choice(f"source `{settings.id}`: option", name, list(_OPTIONS))
        if (method := given.get("method", "post")) not in ("post", "get"):
            raise unknown_choice(f"source `{settings.id}`: options.method", str(method), ["post", "get"])
        self.page, self.batch = (_number(settings, name, usual) for name, usual in (("page", PAGE), ("batch", BATCH)))
        client = client_of(settings, harvest, notify)
        self.endpoint = Endpoint(client, settings.url, _graphs(settings), get=method == "get")

    # ── records ──────────────────────────────────────────────────────────────────────────────────────────────────

    def records(self) -> Iterator[Record | Rejected]:
        """Every dataset, series and data service. Raises `SourceError`, also when fewer came than there should be."""
        with closing(Spool()) as spool:
            gathering = _Gathering(self, spool)
            named = self._listed()
            asked = [one for one in named if iris.is_valid(one)]
            yield from (Rejected(one, BAD_IRI) for one in named if not iris.is_valid(one))
            gathering.roots(asked)
            if self.endpoint.count(blank=True):
                gathering.unnamed()
            self.total = spool.count()
            yield from self._spooled(spool)

    def _spooled(self, spool: Spool) -> Iterator[Record | Rejected]:
        """The resources; one without an IRI may have come in several answers, and is told by what is said of it."""
        unnamed: set[str] = set()
        for found in spool.closures():
            one = record_of(self.settings.id, found, base="", kind=KIND)
            if isinstance(found.root, BlankNode):
                if one.id in unnamed:
                    continue
                unnamed.add(one.id)
            yield one

    def _listed(self) -> list[str]:
        """The IRIs of the resources: page after page behind the last one, until a page is empty."""
        expected = self.endpoint.count()
        found: dict[str, None] = {}
        last = ""
        while True:
            page = self.endpoint.after(last, self.page)
            if not page:
                break
            before = len(found)
            found.update(dict.fromkeys(page))
            if len(found) == before:
                raise ResponseInvalid("it gives the same page again and again.", what=self.settings.url)
            last = page[-1]
            self.notify(
                Text(f"{len(found)} ressources listées sur {expected}", f"{len(found)} of {expected} resources listed")
            )
        if len(found) < expected:
            raise ResponseInvalid(
                f"the listing is incomplete: {len(found)} resources came of the {expected} that the endpoint counts.",
                what=self.settings.url,
                hint="Nothing was changed; the next run tries again.",
            )
        return list(found)

    # ── the rest of a source ─────────────────────────────────────────────────────────────────────────────────────

    def check(self) -> Check:
        """Asks how many resources there are; where there are none, which named graphs have some."""
        try:
            count = self.endpoint.count()
            if count:
                return Check(ok=True, message="a SPARQL endpoint", datasets=count)
            graphs = self.endpoint.graphs() if not self.endpoint.dataset else []
        except SourceError as e:
            return Check(ok=False, message=f"{e.what}: {e.message}", hint=e.hint or "Is it a SPARQL endpoint?")
        if graphs:
            hint = f'These named graphs have some: {", ".join(graphs)}. Choose with options.graph = "{graphs[0]}".'
            return Check(ok=False, message="a SPARQL endpoint without datasets in its default graph", hint=hint)
        where = "in the graphs that options.graph names" if self.endpoint.dataset else "in any graph"
        return Check(ok=False, message=f"a SPARQL endpoint without datasets {where}", hint="Is this the right one?")

    def admit(self, record: Record, context: Context) -> Text | None:
        """Whatever an endpoint tells everybody is public."""
        return None

    def map(self, record: Record, identity: Identity, context: Context) -> Mapped:
        """The record as DCAT-AP 3."""
        return map_graph(record, graph_of(record), identity, context, base="")


def _number(settings: SourceSettings, name: str, usual: int) -> int:
    value = settings.options.get(name, usual)
    if type(value) is not int or value < 1:
        raise SettingsInvalid(f"source `{settings.id}`: options.{name} is a number from 1 on.")
    return value


def _graphs(settings: SourceSettings) -> list[str]:
    given = settings.options.get("graphs", settings.options.get("graph", []))
    found = [given] if isinstance(given, str) else given
    if not isinstance(found, list) or not all(isinstance(g, str) and iris.is_valid(g) for g in found):
        raise SettingsInvalid(f"source `{settings.id}`: options.graph is an IRI, options.graphs a list of them.")
    return found


@dataclass
class _Gathering:
    """Fills the spool: the resources, then what they name, then what that names, as far as closures reach."""

    source: Sparql
    spool: Spool
    met: set[str] = field(default_factory=set)
    next: dict[str, None] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.endpoint = self.source.endpoint

    def roots(self, found: list[str]) -> None:
        """Everything about these resources."""
        self.met.update(found)
        for part in self._batches(found):
            self._fetch(part, values, lists=False)
            self._fetch(part, records, lists=False)
            self._lists(part)
        self._follow()

    def unnamed(self) -> None:
        """The resources without an IRI, which come in one answer or not at all."""
        self._whole(lambda depth: self.endpoint.statements(unnamed(), depth, lists=False))
        self._follow()

    def _follow(self) -> None:
        """What the resources name, level after level."""
        for _ in range(DEEPEST):
            waiting = [one for one in self.next if one not in self.met and iris.is_valid(one)]
            self.met.update(waiting)
            self.next = {}
            for part in self._batches(waiting):
                self._fetch(part, values, lists=True)
        self.source.notify(Text(f"{len(self.met)} ressources demandées", f"{len(self.met)} things asked about"))

    def _batches(self, found: list[str]) -> Iterator[list[str]]:
        for start in range(0, len(found), self.source.batch):
            yield found[start : start + self.source.batch]

    # ── one batch ────────────────────────────────────────────────────────────────────────────────────────────────

    def _fetch(self, part: list[str], start: Callable[[list[str]], Start], *, lists: bool) -> None:
        """Everything about the batch; in halves where the endpoint gives less than it counts, or gives up."""
        found = self._all(part, start, lists=lists)
        if found is not None:
            self._take(found)
        elif len(part) > 1:
            middle = len(part) // 2
            self._fetch(part[:middle], start, lists=lists)
            self._fetch(part[middle:], start, lists=lists)
        else:
            self._slices(start(part))

    def _all(self, part: list[str], start: Callable[[list[str]], Start], *, lists: bool) -> list[Triple] | None:
        """The answer about a batch, as deep as blank nodes hang on blank nodes; None when it does not come whole."""
        about = start(part)
        if len(part) > 1 and self.endpoint.too_long(self.endpoint.statements(about, DEPTH, lists=lists)[0]):
            return None
        try:
            return self._deep(lambda depth: self.endpoint.statements(about, depth, lists=lists))
        except SourceUnavailable:
            if len(part) == 1:
                raise
            return None

    def _deep(self, asking: Callable[[int], tuple[str, str]]) -> list[Triple] | None:
        """The answer to a query of a depth, and of more as long as more hangs there; None when it is not whole."""
        depth = DEPTH
        query, count = asking(depth)
        expected = self.endpoint.number(count)
        while True:
            found = self._answer(query) if expected else []
            if len(found) < expected:
                return None
            if not _dangling(found):
                return found
            depth *= 2
            query, count = asking(depth)
            deeper = self.endpoint.number(count)
            if deeper <= expected:  # of the last ones nothing is said
                return found
            if depth > DEEPEST_BLANK:
                self.source.notify(
                    Text(
                        f"des nœuds anonymes se suivent sur plus de {DEEPEST_BLANK} pas\u00a0; coupé là",
                        f"blank nodes hang on blank nodes over more than {DEEPEST_BLANK} steps; cut there",
                    )
                )
                return found
            expected = deeper

    def _answer(self, query: str) -> list[Triple]:
        body, kind = self.endpoint.ask(query, GRAPH)
        file = self.spool.folder / "answer"
        file.write_bytes(body)
        what = self.source.settings.url
        document = Document(file, what, kind, "", self.source.harvest.max_bytes, self.spool.folder)
        found: dict[Triple, None] = {}
        for one in document.triples(found.clear):
            if not quotes(one):
                found[one] = None
        for problem in document.problems:
            self.source.notify(Text(f"{what}\u00a0: {problem.fr}", f"{what}: {problem.en}"))
        return list(found)

    def _take(self, found: list[Triple]) -> None:
        self.spool.begin_page()
        self.spool.add(found)
        about: dict[object, list[Triple]] = {}
        for one in found:
            about.setdefault(one.subject, []).append(one)
        for said in about.values():
            if is_scheme(said):
                continue
            for _, predicate, value in map(parts, said):
                if isinstance(value, NamedNode) and predicate != RDF.type and predicate.value not in NOT_FOLLOWED:
                    self.next.setdefault(value.value)

    def _whole(self, asking: Callable[[int], tuple[str, str]]) -> None:
        """Spools an answer that cannot be had in parts."""
        found = self._deep(asking)
        if found is None:
            raise ResponseInvalid(
                "it gives fewer statements than it counts, and they cannot be asked for in parts.",
                what=self.source.settings.url,
                hint="Nothing was changed. Ask its operator to raise the limit of an answer.",
            )
        self._take(found)

    def _lists(self, part: list[str]) -> None:
        asked = self.endpoint.listings(part)
        if len(part) > 1 and (self.endpoint.too_long(asked[0]) or self._deep(lambda _: asked) is None):
            middle = len(part) // 2
            self._lists(part[:middle])
            self._lists(part[middle:])
        else:
            self._whole(lambda _: asked)

    def _slices(self, start: Start) -> None:
        """Everything about a single thing, of which more is said than the endpoint gives at once."""
        self._whole(lambda depth: self.endpoint.hanging(start, depth))
        expected = self.endpoint.number(self.endpoint.slices(start))
        met: set[Triple] = set()
        while len(met) < expected:
            found = self._answer(self.endpoint.slice(start, len(met), self.source.page))
            if met.issuperset(found):
                raise ResponseInvalid(
                    f"it gives {len(met)} statements of the {expected} that it counts.", what=self.source.settings.url
                )
            met.update(found)
            self._take(found)


def _dangling(found: list[Triple]) -> bool:
    """Whether there are blank nodes of which nothing is said."""
    about = {t.subject for t in found}
    return any(isinstance(t.object, BlankNode) and t.object not in about for t in found)
