"""What a query's text and the release's statistics say beforehand: terms that nothing uses, dates of another type than
the one compared with, and the parts that make a query slow. Nothing is evaluated for it.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import lru_cache
from itertools import chain, islice

from pyoxigraph import NamedNode, Store

from catalog.prologue import Prologue
from catalog.rewriting import walk
from catalog.rewriting.parser import parse
from catalog.rewriting.tokens import NotUnderstood, Token
from catalog.rewriting.tokens import tokens as split
from catalog.rewriting.tree import Exists, Filter, Group, Query, SubSelect, Triple, Union, tokens_of, variables
from catalog.scanner import Token as Scanned
from catalog.scanner import pieces
from catalog.scanner import tokens as scanned
from catalog.statistics import Statistics
from vocab.namespaces import RDF, XSD, compact
from vocab.text import Text

LENGTH = 20_000
"""Characters of a query that are looked at; what is longer is data."""
ELEMENTS = 200
"""Parts of a group that are compared with one another."""
MANY = 10_000
"""Statements from which on it matters that all of them are looked at."""

_COMPARED = ("<", ">", "<=", ">=", "=", "!=")
_TIMES = (XSD.date.value, XSD.dateTime.value)
_PLAIN = (XSD.string.value,)
_TEXTUAL = frozenset({"REGEX", "CONTAINS", "STRSTARTS", "STRENDS", "LCASE", "UCASE"})


@dataclass(frozen=True, slots=True)
class Parts:
    """What was read of a query: its triple patterns, filters and groups, and what its names stand for."""

    query: Query
    prologue: Prologue
    triples: tuple[Triple, ...]
    filters: tuple[Filter, ...]
    groups: tuple[Group, ...]

    def iri(self, token: Token) -> str:
        """The IRI of a token; empty for what is none."""
        if token.word == "A":
            return RDF.type.value
        return self.prologue.iri(Scanned(token.kind, token.text, 0, 0)) or ""


@lru_cache(256)
def read(query: str, base: str) -> Parts | None:
    """The parts of a query; None for one that is too long or out of the common."""
    if len(query) > LENGTH:
        return None
    try:
        found = parse(query)
        prologue = Prologue(base)
        for token in split(query):
            prologue.take(Scanned(token.kind, token.text, 0, 0))
    except (NotUnderstood, RecursionError):
        return None
    kept = _Kept()
    walk.groups(found, kept.group)
    walk.exists(found, kept.exists)
    return Parts(found, prologue, tuple(kept.triples), tuple(kept.filters), tuple(kept.seen))


@dataclass
class _Kept:
    triples: list[Triple] = field(default_factory=list)
    filters: list[Filter] = field(default_factory=list)
    seen: list[Group] = field(default_factory=list)

    def group(self, group: Group) -> Group:
        self.seen.append(group)
        self.triples += [e for e in group.elements if isinstance(e, Triple)]
        self.filters += [e for e in group.elements if isinstance(e, Filter)]
        return group

    def exists(self, exists: Exists, around: frozenset[str]) -> tuple[Token | Exists, ...]:
        return (exists,)


# ── what the release does not have ───────────────────────────────────────────────────────────────────────────────────


def notices(query: str, base: str, statistics: Statistics, *, graphs: bool = False) -> list[Text]:
    """What a reader of the answer should know: terms that no statement uses, comparisons that never hold.

    `graphs` says that the query was put to other graphs than the merged catalogue; its own text may say so too. Terms
    that named graphs alone use are no mistake then.
    """
    if len(query) > LENGTH or quiet(query, base, statistics):
        return []
    parts = read(query, base)
    if parts is None:
        return []
    used: frozenset[str] = frozenset()
    if graphs or parts.query.dataset or _in_graphs(parts):
        if statistics.named is None:
            return []
        used = frozenset(statistics.named)
    return list(islice(chain(_unused(parts, statistics, used), _times(parts, statistics)), 5))


def doubtful(query: str, base: str, store: Store) -> bool:
    """Whether `notices` might have something to say: a property or class that the store does not use, a comparison."""
    parts = read(query, base)
    if parts is None:
        return False
    if any(any(_comparisons(parts, list(tokens_of(filtering)))) for filtering in parts.filters):
        return True
    for triple in parts.triples:
        predicates = [parts.iri(token) for token in triple.predicate if token.kind in {"iri", "name"} or token.is_("A")]
        patterns: list[tuple[NamedNode | None, NamedNode | None]] = [(NamedNode(p), None) for p in predicates if p]
        if predicates == [RDF.type.value] and triple.object.kind in {"iri", "name"}:
            patterns.append((RDF.type, NamedNode(parts.iri(triple.object))))
        if any(next(store.quads_for_pattern(None, *pattern, None), None) is None for pattern in patterns):
            return True
    return False


def quiet(query: str, base: str, statistics: Statistics) -> bool:
    """Whether a glance is enough to see that there is nothing to tell: most queries need not be read for that.

    Nothing is compared, and what stands in the place of a property or of a class is one that statements use. A subject
    may be anything; an object that is none of these costs the reading.
    """
    if _at_a_glance(query, statistics):
        return True
    prologue, before = Prologue(base), "{"
    for token in scanned(query):
        if prologue.take(token):
            continue
        if token.text in _COMPARING:
            return False
        if token.kind in {"iri", "name"} and before not in _OPENING:
            used = statistics.classes if before == "a" else statistics.properties
            if prologue.iri(token) not in used:
                return False
        before = token.text
    return True


def _at_a_glance(query: str, statistics: Statistics) -> bool:
    """The same of a query as programs write it, without prefixes; False where it takes more than that to know."""
    before = "{"
    for piece in pieces(query):
        first = piece[0]
        if first == "<" and before not in _OPENING:
            if piece[1:-1] not in (statistics.classes if before == "a" else statistics.properties):
                return False
        elif first not in _SIGILS and (":" in piece or piece in _COMPARING or piece.upper() == "BASE"):
            return False
        before = "." if piece[-1] == "." else piece
    return True


_COMPARING = frozenset("<>=!")
_SIGILS = frozenset("<?$\"'")
"""What IRIs, variables and texts begin with."""
_OPENING = frozenset("{}.")
"""What a subject may come after."""


def _in_graphs(parts: Parts) -> bool:
    """Whether the query looks into named graphs."""
    return any(token.word == "GRAPH" for token in tokens_of(parts.query.where)) or any(
        type(element).__name__ == "InGraph" for group in parts.groups for element in group.elements
    )


def _unused(parts: Parts, statistics: Statistics, used: frozenset[str]) -> Iterator[Text]:
    told: set[str] = set(used)
    for triple in parts.triples:
        predicates = [parts.iri(token) for token in triple.predicate if token.kind in {"iri", "name"}]
        for iri in predicates:
            if iri and iri not in statistics.properties and iri not in told:
                told.add(iri)
                yield _nothing("propriété", "property", iri, list(statistics.properties))
        is_type = [parts.iri(token) for token in triple.predicate] == [RDF.type.value]
        cls = parts.iri(triple.object) if is_type and triple.object.kind in {"iri", "name"} else ""
        if cls and cls not in statistics.classes and cls not in told:
            told.add(cls)
            yield _nothing("classe", "class", cls, list(statistics.classes))


def _nothing(fr: str, en: str, iri: str, known: list[str]) -> Text:
    near = nearest(iri, known)
    more = Text(f" ; la plus proche est {near}", f"; the nearest is {near}") if near else Text("", "")
    return Text(
        f"Aucun énoncé de cette édition n’a la {fr} <{iri}>{more.fr}.",
        f"No statement of this release has the {en} <{iri}>{more.en}.",
    )


def nearest(iri: str, known: list[str]) -> str:
    """The known term that this one was probably meant to be, with its usual prefix; empty when none is near.

    The same name in another namespace comes first: that is the mistake that is made most.
    """
    own = _local(iri).casefold()
    names = {other: _local(other).casefold() for other in known}
    same = sorted(
        (other for other, name in names.items() if name == own), key=lambda other: (-_alike(other, iri), other)
    )
    if same:
        return compact(same[0])
    close = difflib.get_close_matches(own, list(names.values()), n=1, cutoff=0.75)
    found = sorted((other for other, name in names.items() if name in close), key=lambda other: -_alike(other, iri))
    return compact(found[0]) if found else ""


def _alike(one: str, other: str) -> float:
    return difflib.SequenceMatcher(None, one, other).ratio()


def _local(iri: str) -> str:
    return iri[max(iri.rfind("#"), iri.rfind("/")) + 1 :]


def _times(parts: Parts, statistics: Statistics) -> Iterator[Text]:
    """The trap of comparing a date with a moment: the comparison is an error, and the row is gone without a word."""
    properties = {
        t.object.text[1:]: parts.iri(t.predicate[0])
        for t in parts.triples
        if t.object.kind == "variable" and len(t.predicate) == 1
    }
    for filtering in parts.filters:
        tokens = list(tokens_of(filtering))
        for variable, datatype in _comparisons(parts, tokens):
            partition = statistics.properties.get(properties.get(variable, ""))
            if partition is None:
                continue
            other = [t for t in _TIMES if t != datatype and partition.datatypes.get(t)]
            if other and datatype in (*_TIMES, *_PLAIN):
                yield _never(variable, properties[variable], other[0], partition.datatypes[other[0]], datatype)


def _comparisons(parts: Parts, tokens: list[Token]) -> Iterator[tuple[str, str]]:
    """The variables that are compared with a literal: name, and datatype of the literal."""
    for at, token in enumerate(tokens):
        if token.kind != "sign" or token.text not in _COMPARED or at == 0:
            continue
        left, right = tokens[at - 1], tokens[at + 1 : at + 2]
        if left.kind == "variable" and right:
            yield left.text[1:], _datatype(parts, right[0])
        elif right and right[0].kind == "variable":
            yield right[0].text[1:], _datatype(parts, left)


def _datatype(parts: Parts, token: Token) -> str:
    if token.word == "NOW":
        return XSD.dateTime.value
    if token.kind == "string":
        return XSD.string.value
    if token.kind == "literal" and "^^" in token.text:
        name = token.text.rpartition("^^")[2].strip()
        return parts.iri(Token("iri" if name.startswith("<") else "name", name))
    if token.kind in {"name", "iri"}:  # a cast, as in xsd:dateTime("…")
        return parts.iri(token)
    return ""


def _never(variable: str, iri: str, has: str, count: int, asked: str) -> Text:
    short, wanted = compact(has), compact(asked)
    example = '"2026-01-31"^^xsd:date' if has == XSD.date.value else '"2026-01-31T00:00:00Z"^^xsd:dateTime'
    return Text(
        f"?{variable} ({compact(iri)}) est de type {short} dans {count} énoncés : comparée à {wanted}, aucune de ces "
        f"valeurs n’est retenue. Comparez avec {example}, ou comparez STR(?{variable}).",
        f"?{variable} ({compact(iri)}) is of type {short} in {count} statements: compared with {wanted}, none of these "
        f"values is kept. Compare with {example}, or compare STR(?{variable}).",
    )


# ── what makes it slow ───────────────────────────────────────────────────────────────────────────────────────────────


def slow(query: str, base: str, statistics: Statistics | None) -> list[Text]:
    """What makes a query slow, worst first, each with what to try."""
    parts = read(query, base)
    if parts is None:
        return []
    found = [*_products(parts), *_unbounded(parts, statistics), *_paths(parts), *_several(parts)]
    found += [*_texts(parts, statistics), *_sorting(parts), *_whole(parts, statistics)]
    return list(dict.fromkeys(found))[:4]


def _products(parts: Parts) -> Iterator[Text]:
    """Groups whose patterns fall into sets that share no variable: every row of one meets every row of the other."""
    for group in parts.groups:
        sets: list[set[str]] = []
        linked = [e for e in group.elements if isinstance(e, Triple | Union | SubSelect)][:ELEMENTS]
        for element in linked:
            names = set(variables(element))
            joined = [s for s in sets if s & names]
            sets = [s for s in sets if not s & names] + [names.union(*joined)]
        sets = [s for s in sets if s]
        if len(sets) > 1:
            one, other = (f"?{min(s)}" for s in sorted(sets, key=min)[:2])
            yield Text(
                f"Rien ne lie {one} à {other} : chaque ligne de l’un est combinée à chaque ligne de l’autre. "
                "Ajoutez l’énoncé qui les relie.",
                f"Nothing links {one} to {other}: each row of one is combined with each row of the other. "
                "Add the pattern that connects them.",
            )


def _unbounded(parts: Parts, statistics: Statistics | None) -> Iterator[Text]:
    for triple in parts.triples:
        if all(token.kind == "variable" for token in (triple.subject, *triple.predicate, triple.object)):
            total = f" ({statistics.triples:,})".replace(",", "\u202f") if statistics else ""
            yield Text(
                f"« {triple.text} » parcourt tous les énoncés{total}. Nommez une propriété ou une classe.",
                f"`{triple.text}` goes through all statements{total}. Name a property or a class.",
            )


def _paths(parts: Parts) -> Iterator[Text]:
    for triple in parts.triples:
        endless = any(token.kind == "sign" and token.text in "*+" for token in triple.predicate)
        if endless and triple.subject.kind == triple.object.kind == "variable":
            yield Text(
                f"Le chemin de « {triple.text} » n’a de bout fixé d’aucun côté. Fixez-en un, ou bornez le chemin.",
                f"The path of `{triple.text}` has neither end fixed. Fix one, or bound the path.",
            )


def _several(parts: Parts) -> Iterator[Text]:
    for exists in _exists_in(parts.query):
        count = sum(isinstance(e, Triple) for e in exists.group.elements)
        if count > 2:
            yield Text(
                f"Un EXISTS de {count} énoncés est évalué pour chaque ligne. Essayez OPTIONAL {{ SELECT DISTINCT … }} "
                "avec la variable commune, puis FILTER(BOUND(…)).",
                f"An EXISTS with {count} patterns is evaluated for each row. Try OPTIONAL {{ SELECT DISTINCT … }} with "
                "the common variable, then FILTER(BOUND(…)).",
            )


def _exists_in(node: object) -> Iterator[Exists]:
    if isinstance(node, Exists):
        yield node
    if isinstance(node, tuple):
        for part in node:
            yield from _exists_in(part)
    elif hasattr(node, "__dataclass_fields__"):
        for name in node.__dataclass_fields__:
            yield from _exists_in(getattr(node, name))


def _texts(parts: Parts, statistics: Statistics | None) -> Iterator[Text]:
    names = {token.word for filtering in parts.filters for token in tokens_of(filtering)} & _TEXTUAL
    if names:
        called = "/".join(sorted(names))
        yield Text(
            f"{called} lit chaque texte en entier. Restreignez d’abord par une classe, un thème ou un producteur.",
            f"{called} reads every text in full. Narrow by a class, a theme or a publisher first.",
        )


def _sorting(parts: Parts) -> Iterator[Text]:
    if parts.query.order and parts.query.limit is None:
        yield Text(
            "ORDER BY sans LIMIT trie tout le résultat. Ajoutez LIMIT, ou triez chez vous.",
            "ORDER BY without LIMIT sorts the whole result. Add LIMIT, or sort on your side.",
        )


def _whole(parts: Parts, statistics: Statistics | None) -> Iterator[Text]:
    if statistics is None:
        return
    sizes = {
        iri: statistics.properties[iri].triples
        for t in parts.triples
        if (iri := parts.iri(t.predicate[0])) in statistics.properties
    }
    large = [iri for iri, size in sorted(sizes.items(), key=lambda item: -item[1]) if size >= MANY]
    if large:
        told = ", ".join(f"{compact(iri)} {sizes[iri]}" for iri in large[:3])
        yield Text(
            f"Les propriétés demandées ont beaucoup d’énoncés ({told}). Ajoutez LIMIT, ou procédez par producteur.",
            f"The properties asked for have many statements ({told}). Add LIMIT, or proceed by publisher.",
        )
