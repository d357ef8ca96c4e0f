"""Resources in RDF that came inside another XML document, one element each."""

from __future__ import annotations

from collections.abc import Sequence

from lxml import etree

from harvest.rdf.read import Document
from harvest.rdf.spool import Spool

RDF = "http://www.w3.org/1999/02/22-rdf-syntax-ns#"
_NODE_ID = f"{{{RDF}}}nodeID"


def spool_elements(spool: Spool, elements: Sequence[etree._Element], *, what: str, limit: int) -> None:
    """Takes `rdf:RDF` elements, or single descriptions, into the spool as one document; as one each where they name
    blank nodes, whose names hold within a document only."""
    named = any(one.get(_NODE_ID) for e in elements for one in e.iter())
    for group in [[e] for e in elements] if named else [list(elements)]:
        described: list[etree._Element] = []
        for one in group:
            described += one if one.tag == f"{{{RDF}}}RDF" else [one]
        inner = b"".join(etree.tostring(e, with_tail=False) for e in described)
        file = spool.folder / f"page-{spool.page + 1}"
        file.write_bytes(f'<rdf:RDF xmlns:rdf="{RDF}">'.encode() + inner + b"</rdf:RDF>")
        document = Document(file, what, "application/rdf+xml", "", limit, spool.folder)
        spool.begin_page()
        spool.add(document.triples(spool.forget_page))
        file.unlink()
