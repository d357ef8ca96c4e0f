"""From the graph of one resource to its description in DCAT-AP 3: the one way of every kind that comes as RDF, or is
first written as RDF."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator

from pyoxigraph import BlankNode, Literal, NamedNode, RdfFormat, parse

from catalog.errors import RecordInvalid
from catalog.model import Description, Identity, Kind, Mapped, Record
from harvest.graph.account import Account
from harvest.graph.defaults import fill
from harvest.graph.model import Graph, Node, Statement
from harvest.graph.properties import RULES
from harvest.graph.structures import identifier
from harvest.graph.terms import current
from harvest.graph.values import anything
from harvest.graph.work import Group, Work
from harvest.mapping import wording
from harvest.mapping.bookkeeping import CATALOG_RECORD, TOPIC
from harvest.mapping.context import Context
from harvest.mapping.draft import Draft
from harvest.mapping.reader import Reads
from harvest.mapping.statements import TYPE, iri, node, text
from harvest.repair import iris, rules
from harvest.repair.texts import text as clean
from vocab.namespaces import DCAT, DCT, FOAF, PROV, RDF, RDFS, SKOS

RESOURCES = (DCAT.Dataset, DCAT.DatasetSeries, DCAT.DataService)
"""What a record may be about."""
_TITLES = (DCT.title, NamedNode("http://purl.org/dc/elements/1.1/title"))
_OTHER_TITLES = (RDFS.label, SKOS.prefLabel, FOAF.name, NamedNode("http://schema.org/name"))


def map_graph(
    record: Record,
    graph: Graph,
    identity: Identity,
    context: Context,
    *,
    base: str = "",
    view: Reads | None = None,
    language: str = "",
    also: Callable[[Draft], None] | None = None,
) -> Mapped:
    """The description of the graph's root under its identity, what it names, and the ledger.

    Pure. `base` completes relative IRIs. A kind that wrote the graph from fields gives its `view`: the fate of each
    statement is then entered for the field that it states. `language` tags texts that the mapping itself writes from
    words of the record. What the record does not say is filled from the source's defaults. `also` writes what is no
    matter of DCAT, after all else. Raises `RecordInvalid` for a resource without a title.
    """
    out = Draft(identity, context, context.portal)
    account = Account(graph)
    work = Work(graph, out, account, base, language=language)
    work.write = lambda one: _write(work, one)
    _require_title(work, record)
    _identify(work)
    work.met.add(graph.root)
    _write(work, graph.root)
    while work.queue:
        _write(work, work.queue.pop(0))
    fill(work)
    _source_record(work)
    if also is not None:
        also(out)
    if view is not None:
        account.tell(view)
    dataset = Description(identity.iri, Kind.DATASET, identity.slug, _sound(out.statements.canonical))
    ledger = view.ledger() if view is not None else account.ledger()
    return Mapped(dataset, tuple(out.others[one] for one in sorted(out.others)), ledger)


def _sound(canonical: bytes) -> bytes:
    """The same statements, of which none is invalid: whatever slipped through the rules goes no further."""
    try:
        deque(parse(canonical, format=RdfFormat.N_TRIPLES), maxlen=0)
    except SyntaxError:
        return b"".join(line for line in canonical.splitlines(keepends=True) if _is_statement(line))
    return canonical


def _is_statement(line: bytes) -> bool:
    try:
        return bool(list(parse(line, format=RdfFormat.N_TRIPLES)))
    except SyntaxError:
        return False


def _write(work: Work, one: Node) -> None:
    """Everything that the graph says about a node, property by property."""
    for group in _groups(work.graph, one):
        if not iris.is_valid(group.predicate.value) or iris.original(group.predicate.value) is not None:
            for s in group.statements:
                work.refuse(s, "bad-property", wording.NO_SUCH_PROPERTY)
        elif group.predicate == RDF.type:
            _types(work, group)
        elif one == work.graph.root and group.predicate == DCT.identifier:
            _identifiers(work, group)
        else:
            RULES.get(group.predicate.value, anything)(work, group)


def _groups(graph: Graph, one: Node) -> Iterator[Group]:
    found: dict[tuple[NamedNode, tuple[rules.Rule, ...]], list[Statement]] = {}
    for s in graph.about(one):
        better, done = current(s.predicate.value)
        found.setdefault((better or s.predicate, done), []).append(s)
    for (predicate, done), statements in found.items():
        yield Group(one, predicate, statements, done)


def _types(work: Work, group: Group) -> None:
    for s in group.statements:
        if not isinstance(s.object, NamedNode):
            anything(work, Group(group.node, group.predicate, [s]))
            continue
        better, done = current(s.object.value)
        fixed = iris.name(s.object.value, work.base)
        if better is not None:
            work.say(group, s, node(better), *done)
        elif fixed.iris:
            work.say(group, s, iri(fixed.iris[0]), *fixed.rules)
        else:
            anything(work, Group(group.node, group.predicate, [s]))


# ── the resource itself ──────────────────────────────────────────────────────────────────────────────────────────────


def title_of(graph: Graph) -> str:
    """The title of the graph's root; empty where it has none."""
    found = [v for v in graph.values(graph.root, *_TITLES) if not isinstance(v, BlankNode)]
    misspelt = [
        s.object
        for s in graph.about(graph.root)
        if current(s.predicate.value)[0] == DCT.title and not isinstance(s.object, BlankNode)
    ]
    return next((t for v in (*found, *misspelt) if (t := clean(v.value).value)), "")


def _require_title(work: Work, record: Record) -> None:
    """A resource without a title takes its label; without either it is set aside: harvesters would refuse it."""
    if title_of(work.graph):
        return
    root = work.graph.root
    for s in work.graph.about(root):
        if s.predicate in _OTHER_TITLES and isinstance(s.object, Literal) and (name := clean(s.object.value).value):
            work.add(root, DCT.title, text(name, s.object.language or ""))
            return
    raise RecordInvalid(
        "The resource has no title.",
        french="La ressource n’a pas de titre. Donnez-lui-en un à la source\u00a0: les moissonneurs refusent un "
        "catalogue où il en manque un.",
        what=record.id,
        hint="Give it one at the source; harvesters refuse a catalogue with an untitled dataset.",
    )


def _identify(work: Work) -> None:
    """Class, identifier and catalogue record; the IRI that the source gave, where another stands for it."""
    out, root = work.out, work.graph.root
    if not work.graph.is_a(root, DCAT.DataService):
        out.statements.typed(out.dataset, node(DCAT.Dataset))
    out.add(node(DCT.identifier), text(out.identity.identifier))
    out.statements.typed(out.record, CATALOG_RECORD)
    out.statements.add(out.record, TOPIC, out.dataset)
    if isinstance(root, NamedNode) and root.value != out.identity.iri:
        given = iris.original(root.value)
        shown = root.value if given is None else given
        if shown and shown != out.identity.identifier:
            identifier(work, text(shown), shown)


def _identifiers(work: Work, group: Group) -> None:
    """The one `dct:identifier` is that of the identity; others of the source become `adms:identifier`."""
    for s in group.statements:
        words = s.object.value if not isinstance(s.object, BlankNode) else work.label(s.object)
        bare = (iris.original(words) or words).strip()
        if not bare:
            work.account.ignore(s, rules.DUPLICATE)
        elif bare == work.out.identity.identifier:
            work.account.repaired(s, *group.rules, *(() if words == bare else (rules.WHITESPACE,)))
        else:
            identifier(work, text(bare), bare)
            work.account.repaired(s, *group.rules, rules.OTHER_IDENTIFIER)


def _source_record(work: Work) -> None:
    """The source's own catalogue record of the resource: ours names it, and repeats what it says.

    DCAT-AP wants a date on every catalogue record, and takes one source of ours: others, and one without, are only
    named.
    """
    root, out = work.graph.root, work.out
    stated = False
    theirs = [s.subject for s in work.graph if s.predicate == FOAF.primaryTopic and s.object == root]
    for one in theirs:
        if isinstance(one, BlankNode):
            work.mint("source-record", one)
        made = work.term(one)
        if made == out.record:
            continue
        dated = bool(work.graph.values(one, DCT.modified)) and not stated
        stated = stated or dated
        out.statements.add(out.record, node(DCT.source if dated else PROV.wasDerivedFrom), made)
        if not dated:
            for s in work.graph.about(one):
                work.account.ignore(s, rules.NAMED)
            continue
        out.statements.add(made, TYPE, CATALOG_RECORD)
        work.met.add(one)
        _write(work, one)
        while work.queue:
            _write(work, work.queue.pop(0))
