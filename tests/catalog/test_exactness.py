from __future__ import annotations

import pytest
from pyoxigraph import Literal, NamedNode, Quad, Store, Triple

from catalog.exactness import TABLE, restore
from vocab.namespaces import DCAT, DCT, SPDX, XSD

S = NamedNode("https://data.example.org/x")


@pytest.mark.parametrize(
    ("predicate", "value", "datatype"),
    [
        (DCAT.byteSize, "1200", XSD.nonNegativeInteger),
        (DCAT.spatialResolutionInMeters, "10.5", XSD.decimal),
        (DCAT.temporalResolution, "P1D", XSD.duration),
        (SPDX.checksumValue, "0a1b", XSD.hexBinary),
    ],
)
def test_what_the_store_gives_back_is_restored(predicate: NamedNode, value: str, datatype: NamedNode) -> None:
    exact = Triple(S, predicate, Literal(value, datatype=datatype))
    store = Store()
    store.add(Quad(*exact))
    (stored,) = store
    assert restore(stored.triple) == exact


@pytest.mark.parametrize(
    ("predicate", "value"),
    [
        (DCAT.byteSize, Literal("-5", datatype=XSD.integer)),
        (DCAT.byteSize, Literal("about 12 kB")),
        (DCAT.byteSize, Literal("12.5", datatype=XSD.decimal)),
        (DCT.title, Literal("12", datatype=XSD.integer)),
        (SPDX.checksumValue, Literal("not hex")),
        (SPDX.checksumValue, Literal("0a", language="fr")),
        (DCAT.byteSize, S),
    ],
)
def test_what_cannot_be_of_that_type_stays_visible_as_it_is(predicate: NamedNode, value: Literal | NamedNode) -> None:
    triple = Triple(S, predicate, value)
    assert restore(triple) is triple


def test_the_table_names_properties_that_the_profiles_type() -> None:
    assert all(datatype.value.startswith(XSD.base) for datatype, _, _ in TABLE.values())
