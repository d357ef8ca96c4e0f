"""Metadata with faults of every kind: statements dropped, doubled, retyped or corrupted, wherever chance puts it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cache
from itertools import islice

from hypothesis import strategies as st
from pyoxigraph import BlankNode, Literal, NamedNode, Triple

from tests.shapes.official import catalogue, feeds
from vocab.namespaces import DCAT, DCT, FOAF, RDF, SKOS, VCARD, XSD

Term = NamedNode | BlankNode | Literal
Statements = tuple[Triple, ...]

STEPS = 3
"""How far from a dataset what is cut out with it may lie."""
MOST = 120
"""Statements of a piece: the reference engine is slow."""

_CLASSES = (DCAT.Dataset, DCAT.Distribution, DCAT.Catalog, DCAT.DataService, FOAF.Agent, SKOS.Concept, DCT.Location)
_DATATYPES = (
    XSD.string,
    XSD.date,
    XSD.dateTime,
    XSD.gYear,
    XSD.integer,
    XSD.nonNegativeInteger,
    XSD.decimal,
    XSD.anyURI,
)
_CORRUPT: tuple[Callable[[str], str], ...] = (
    lambda text: "",
    lambda text: text[: len(text) // 2],
    lambda text: f" {text} ",
    lambda text: text.replace("-", "/"),
    lambda text: f'{text}\u2028é\\"\t',
    lambda text: "15/03/2026",
    lambda text: "2026-02-30",
    lambda text: "-1",
    lambda text: "none",
)
_LANGUAGES = ("fr", "en", "de", "fr-be", "x-none")


@cache
def pieces() -> tuple[Statements, ...]:
    """Datasets with what is said around them: of a made catalogue, and one or two of every real feed."""
    made = _cut_out(catalogue(12), most=12)
    real = [piece for _, feed in feeds() for piece in _cut_out(feed, most=2)]
    return (*made, *real)


def _cut_out(statements: Statements, most: int) -> list[Statements]:
    datasets = dict.fromkeys(t.subject for t in statements if t.predicate == RDF.type and t.object == DCAT.Dataset)
    if not datasets:
        return [statements[:MOST]] if statements else []
    by: dict[object, list[Triple]] = {}
    for t in statements:
        by.setdefault(t.subject, []).append(t)
    return [_around(node, by, statements) for node in islice(datasets, most)]


def _around(node: object, by: dict[object, list[Triple]], statements: Statements) -> Statements:
    found = dict.fromkeys(t for t in statements if t.object == node)
    level, seen = [node], {node}
    for _ in range(STEPS):
        fresh = [t for one in level for t in by.get(one, ())]
        found.update(dict.fromkeys(fresh))
        level = list(dict.fromkeys(t.object for t in fresh if t.object not in seen))
        seen.update(level)
    return tuple(found)[:MOST]


# ── mutations ────────────────────────────────────────────────────────────────────────────────────────────────────────

_Change = Callable[[Triple, int, Sequence[Triple]], list[Triple]]


def _drop(t: Triple, choice: int, others: Sequence[Triple]) -> list[Triple]:
    return []


def _double(t: Triple, choice: int, others: Sequence[Triple]) -> list[Triple]:
    """A second value, taken from another statement, or the same text in another language."""
    if isinstance(t.object, Literal) and t.object.language and choice % 2:
        return [t, _with(t, Literal(t.object.value, language=_LANGUAGES[choice % len(_LANGUAGES)]))]
    return [t, _with(t, others[choice % len(others)].object)]


def _retype(t: Triple, choice: int, others: Sequence[Triple]) -> list[Triple]:
    """Another class, another datatype, a text in place of an IRI and an IRI in place of a text."""
    if t.predicate == RDF.type:
        return [_with(t, _CLASSES[choice % len(_CLASSES)])]
    if isinstance(t.object, Literal):
        if choice % 5 == 0:
            return [_with(t, NamedNode(f"https://data.example.org/{choice}"))]
        if choice % 5 == 1:
            return [_with(t, Literal(t.object.value, language=_LANGUAGES[choice % len(_LANGUAGES)]))]
        return [_with(t, Literal(t.object.value, datatype=_DATATYPES[choice % len(_DATATYPES)]))]
    return [_with(t, Literal(str(t.object.value)) if choice % 2 else BlankNode(f"m{choice % 7}"))]


def _corrupt(t: Triple, choice: int, others: Sequence[Triple]) -> list[Triple]:
    """A damaged text of the same datatype or language, another IRI, another end of the statement."""
    if isinstance(t.object, Literal):
        text = _CORRUPT[choice % len(_CORRUPT)](t.object.value)
        if t.object.language:
            return [_with(t, Literal(text, language=t.object.language))]
        return [_with(t, Literal(text, datatype=t.object.datatype))]
    if choice % 3 == 0:
        return [Triple(others[choice % len(others)].subject, t.predicate, t.object)]
    return [_with(t, NamedNode("https://nowhere.example/x") if choice % 3 == 1 else VCARD.Kind)]


def _with(t: Triple, value: object) -> Triple:
    return Triple(t.subject, t.predicate, value)  # type: ignore[arg-type]  # no term of these graphs is a triple


CHANGES: dict[str, _Change] = {"drop": _drop, "double": _double, "retype": _retype, "corrupt": _corrupt}

MUTATIONS = st.lists(
    st.tuples(st.sampled_from(sorted(CHANGES)), st.integers(0, 10_000), st.integers(0, 10_000)), min_size=1, max_size=6
)


def mutated(statements: Statements, mutations: Sequence[tuple[str, int, int]]) -> Statements:
    """The statements after each change in turn; the numbers choose the statement and what becomes of it."""
    now = list(statements)
    for name, place, choice in mutations:
        if now:
            at = place % len(now)
            now[at : at + 1] = CHANGES[name](now[at], choice, statements)
    return tuple(dict.fromkeys(now))
