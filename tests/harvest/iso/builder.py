"""Records of ISO 19139 made for one test, and what becomes of them."""

from __future__ import annotations

from datetime import UTC, datetime

from pyoxigraph import RdfFormat, parse

from catalog.model import Mapped, Record
from harvest.coverage import identity
from harvest.documents import xml
from harvest.graph.model import short
from harvest.iso import records
from harvest.iso.document import Element
from harvest.mapping.context import Context
from tests.fakes.csw import record, text

CONTEXT = Context(base="https://data.exemple.fr/", source="geo", portal="", now=datetime(2026, 1, 1, tzinfo=UTC))
UUID = "6f1e2d3c-0000-4000-8000-00000000000a"
ROOT = "https://data.exemple.fr/id/arbres"
IDENTIFIER = (
    f"<gmd:identifier><gmd:MD_Identifier><gmd:code>{text(ROOT)}</gmd:code></gmd:MD_Identifier></gmd:identifier>"
)


def element(inner: str = "", outer: str = "", *, scope: str = "dataset", title: str = "Arbres") -> Element:
    """The root of a record whose resource has the IRI `ROOT`."""
    body = record(UUID, title, inner=inner, outer=outer, scope=scope)
    body = body.replace("</gmd:title>", f"</gmd:title>{IDENTIFIER}", 1)
    return xml.tree(body.encode(), what="a test")


def mapped(inner: str = "", outer: str = "", *, scope: str = "dataset") -> Mapped:
    """What becomes of such a record."""
    made = records.record_of("geo", element(inner, outer, scope=scope))
    assert isinstance(made, Record)
    return records.map_record(made, identity(made), CONTEXT)


def stated(found: Mapped) -> set[tuple[str, str, str]]:
    """Every statement as texts: `.` for the resource itself, prefixed properties, values without quotes."""
    triples = [q.triple for d in (found.dataset, *found.others) for q in parse(d.canonical, format=RdfFormat.N_TRIPLES)]
    return {
        (_name(str(t.subject)), short(t.predicate.value), _value(t.object))  # type: ignore[arg-type]  # none is quoted
        for t in triples
    }


def values(found: Mapped, predicate: str, subject: str = ".") -> set[str]:
    """The values of a property; of any subject where `subject` is empty."""
    return {o for s, p, o in stated(found) if p == predicate and (not subject or s == subject)}


def fates(found: Mapped, field: str) -> list[tuple[str, str]]:
    """What became of the values at a path that ends so."""
    return [(e.fate.value, e.reason.en if e.reason else "") for e in found.ledger.entries if e.field.endswith(field)]


def _name(term: str) -> str:
    return "." if term == f"<{ROOT}>" else term


def _value(term: object) -> str:
    value = str(getattr(term, "value", term))
    language = getattr(term, "language", None)
    return f"{value}@{language}" if language else value


__all__ = ["CONTEXT", "ROOT", "UUID", "element", "fates", "mapped", "record", "stated", "text", "values"]
