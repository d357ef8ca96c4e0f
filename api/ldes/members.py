"""The members of a page: activities of ActivityStreams, each with its description in the graph of its own name.

The descriptions are passed on byte for byte: TriG takes the lines of N-Triples as they are, N-Quads wants the graph at
the end of each. Only JSON-LD is serialised anew.
"""

from __future__ import annotations

from collections.abc import Iterable

from pyoxigraph import Literal, NamedNode, Quad, RdfFormat, Triple, parse, serialize

from api.ldes.tree import Addresses
from catalog.activities import Activity, Change
from catalog.assembly import membership
from catalog.formats import Format, write
from catalog.identifiers import Minter
from catalog.model import Description, Kind
from vocab.namespaces import AS, DCAT, RDF, TREE, XSD

_TYPES = {Change.CREATED: AS.Create, Change.UPDATED: AS.Update, Change.WITHDRAWN: AS.Delete}


def page(at: Addresses, head: list[Triple], activities: Iterable[Activity], fmt: Format) -> bytes:
    """The page in this format: what it says of itself, then its members in their order.

    Formats without named graphs have the activities alone: two versions of a dataset in one graph would be neither.
    """
    whole = [a for a in activities if a.whole]
    if not fmt.graphs:
        return write([*head, *(t for a in whole for t in activity_triples(at, a))], fmt)
    if fmt.suffix == "trig":
        return write(head, fmt) + b"".join(_trig(at, a) for a in whole)
    quads = b"".join(_quads(at, a) for a in whole)
    if fmt.suffix == "nq":
        return write(head, fmt) + quads
    everything = [Quad(*t) for t in head]
    everything += parse(quads, format=RdfFormat.N_QUADS, rename_blank_nodes=False)
    return serialize(everything, format=fmt.rdf) or b""


def activity_triples(at: Addresses, activity: Activity) -> list[Triple]:
    """One activity as a member of the stream: DCAT-AP Feeds, section 1."""
    node = at.member(activity.number)
    return [
        Triple(at.stream, TREE.member, node),
        Triple(node, RDF.type, _TYPES[activity.change]),
        Triple(node, AS.object, NamedNode(activity.iri)),
        Triple(node, AS.published, Literal(activity.published, datatype=XSD.dateTime)),
    ]


def payload(base: str, described: Description) -> bytes:
    """What an activity carries, as N-Triples: the exact description, and its place in the catalogue."""
    if described.kind is Kind.DATASET:
        return described.canonical + membership(base, described)
    if described.kind is Kind.SERVICE:
        return described.canonical + f"<{Minter(base).catalog}> {DCAT.service} <{described.iri}> .\n".encode()
    return described.canonical


def _lines(at: Addresses, activity: Activity) -> bytes:
    return "".join(f"{t} .\n" for t in activity_triples(at, activity)).encode()


def _trig(at: Addresses, activity: Activity) -> bytes:
    if activity.described is None:
        return _lines(at, activity)
    carried = payload(at.base, activity.described)
    return b"".join((_lines(at, activity), str(at.member(activity.number)).encode(), b" {\n", carried, b"}\n"))


def _quads(at: Addresses, activity: Activity) -> bytes:
    if activity.described is None:
        return _lines(at, activity)
    end = f" {at.member(activity.number)} .\n".encode()
    carried = payload(at.base, activity.described)
    return _lines(at, activity) + carried.replace(b" .\n", end)  # within a literal a line feed is escaped
