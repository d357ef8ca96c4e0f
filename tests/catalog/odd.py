"""Statements as odd as RDF allows: IRIs that no prefix quite fits, any character in a literal, all kinds of numbers."""

from __future__ import annotations

from hypothesis import strategies as st
from pyoxigraph import BlankNode, Literal, NamedNode, Triple

from vocab.namespaces import PREFIXES, RDF, XSD

_BASES = (
    *PREFIXES.values(),
    "https://data.example.org/é/",
    "https://data.gov.cz/slovník/nkod/",
    "urn:x:",
    "http://w/?q=",
)
_NAMES = ("title", "a/b", "a.b", "a.", ".a", "-a", "1a", "é", "日本", "a%20b", "a~'()*", "a;b,c&d=e", "a:b", "_a", "")


def _is_iri(text: str) -> bool:
    try:
        NamedNode(text)
    except ValueError:
        return False
    return True


IRIS = (
    st.builds(str.__add__, st.sampled_from(_BASES), st.sampled_from(_NAMES) | st.text(max_size=4))
    .filter(_is_iri)
    .map(NamedNode)
)
TYPES = st.sampled_from([XSD[name] for name in ("integer", "decimal", "double", "boolean", "date", "string", "a/b")])
NUMBERS = st.sampled_from(["1", "01", "+1", "-1.", ".5", "1.0", "1e3", "1.E0", ".e1", "true", "false", "True", ""])
TEXTS = st.text(max_size=12) | st.sampled_from(['"', "\\", "\\u0041", "\r\n\t\b\f", "\x07\x7f\u2028\ufffe", "]]>&<>'"])
LITERALS = (
    st.builds(lambda text, of: Literal(text, datatype=of), NUMBERS | TEXTS, TYPES | IRIS)
    | st.builds(lambda text, tag: Literal(text, language=tag), TEXTS, st.sampled_from(["fr", "en-gb", "zh-hans-cn"]))
    | TEXTS.map(Literal)
)
NODES = IRIS | st.sampled_from([BlankNode(label) for label in ("b", "b1", "0b", "a.b", "_é")])
STATEMENTS = st.lists(st.builds(Triple, NODES, IRIS | st.just(RDF.type), NODES | LITERALS), max_size=12)
