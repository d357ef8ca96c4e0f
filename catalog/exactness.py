"""The datatypes that the store rewrites and the profiles demand, restored in what CONSTRUCT and DESCRIBE send.

Oxigraph keeps `"12"^^xsd:nonNegativeInteger` as `xsd:integer`; DCAT-AP 3.0.1 asks for the former on `dcat:byteSize`.
A literal that cannot be of the demanded type is left as it is: a wrong value stays visible as one.
"""

from __future__ import annotations

import re

from pyoxigraph import Literal, NamedNode, Triple

from vocab.namespaces import DCAT, SPDX, XSD

_INTEGERS = frozenset(XSD[name].value for name in ("integer", "int", "long", "short", "byte"))
_DECIMALS = _INTEGERS | {XSD.decimal.value}
_DURATIONS = frozenset(XSD[name].value for name in ("duration", "dayTimeDuration", "yearMonthDuration"))
_STRINGS = frozenset({XSD.string.value})

_RULES: tuple[tuple[NamedNode, NamedNode, frozenset[str], str], ...] = (
    (DCAT.byteSize, XSD.nonNegativeInteger, _INTEGERS, r"\+?\d+"),
    (DCAT.spatialResolutionInMeters, XSD.decimal, _DECIMALS, r"[+-]?\d+(\.\d+)?"),
    (DCAT.temporalResolution, XSD.duration, _DURATIONS, r"-?P.+"),
    (SPDX.checksumValue, XSD.hexBinary, _STRINGS, r"([0-9a-fA-F]{2})+"),
)
"""Property, datatype that the profiles demand, datatypes the store may have made of it, and the values it may have."""

TABLE: dict[str, tuple[NamedNode, frozenset[str], re.Pattern[str]]] = {
    prop.value: (datatype, found, re.compile(pattern)) for prop, datatype, found, pattern in _RULES
}


def restore(triple: Triple) -> Triple:
    """The triple with the datatype that its property demands, where the value can bear it; else the triple itself."""
    rule = TABLE.get(triple.predicate.value)
    value = triple.object
    if rule is None or not isinstance(value, Literal) or value.language:
        return triple
    datatype, found, pattern = rule
    if value.datatype.value not in found or not pattern.fullmatch(value.value):
        return triple
    return Triple(triple.subject, triple.predicate, Literal(value.value, datatype=datatype))
