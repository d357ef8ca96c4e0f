"""Descriptions: canonical, deterministic, exact."""

from __future__ import annotations

import hashlib

from hypothesis import given
from hypothesis import strategies as st
from pyoxigraph import BlankNode, Literal, NamedNode, RdfFormat, Triple, parse

from catalog.model import Description, Entry, Fate, Kind, Ledger, Text
from vocab.namespaces import DCT, XSD

S = NamedNode("https://x.org/dataset/a")
TEXT = st.text(st.characters(exclude_categories=("Cs",)))
OBJECT = st.one_of(
    TEXT.map(Literal),
    TEXT.map(lambda t: Literal(t, language="fr")),
    TEXT.map(lambda t: Literal(t, datatype=XSD.date)),
    st.sampled_from([BlankNode("b1"), BlankNode("b2"), NamedNode("https://x.org/é")]),
)


@given(st.lists(OBJECT), st.randoms())
def test_the_same_statements_give_the_same_bytes(objects: list[Literal], random: object) -> None:
    triples = [Triple(S, DCT.description, o) for o in objects]
    one = Description.of(S.value, Kind.DATASET, "a", triples)
    random.shuffle(triples)  # type: ignore[attr-defined]  # hypothesis gives a Random
    two = Description.of(S.value, Kind.DATASET, "a", [*triples, *triples])
    assert one == two
    assert set(one.triples) == set(triples)
    assert len(one.lines) == len(set(triples))
    assert one.lines == sorted(one.lines)
    assert "".join(one.lines).encode() == one.canonical
    assert one.hash == hashlib.sha256(one.canonical).hexdigest()
    assert {q.triple for q in parse(one.canonical, format=RdfFormat.N_TRIPLES)} == set(triples)


def test_nothing_is_a_description_too() -> None:
    empty = Description.of(S.value, Kind.DATASET, "a", [])
    assert (empty.canonical, empty.lines, empty.triples) == (b"", [], ())


def test_literals_are_kept_as_written() -> None:
    written = ['"12"^^nonNegativeInteger', "PT24H", "1000.0", "2024-01-01T00:00:00+00:00"]
    kinds = [XSD.nonNegativeInteger, XSD.duration, XSD.decimal, XSD.dateTime]
    triples = [Triple(S, DCT.extent, Literal(w, datatype=k)) for w, k in zip(written, kinds, strict=True)]
    assert set(Description.of(S.value, Kind.DATASET, "a", triples).triples) == set(triples)


def test_ledger_and_text() -> None:
    notes = [(fate, "rule", None, None) for fate in (Fate.MAPPED, Fate.MAPPED, Fate.UNMAPPED)]
    ledger = Ledger([("f", value, note) for value, note in zip((True, 1.5, {"b": "é", "a": 1}), notes, strict=True)])
    assert ledger.counts() == (2, 1, 0)
    assert [e.value for e in ledger.entries] == ["true", "1.5", '{"a":1,"b":"é"}']
    assert ledger.unmapped() == [Entry("f", '{"a":1,"b":"é"}', Fate.UNMAPPED, "rule")]
    assert Text("oui", "yes").of("fr") == "oui"
    assert Text("oui", "yes").of("en") == "yes"
