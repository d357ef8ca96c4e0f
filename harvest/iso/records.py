"""Records of ISO 19115 as this program keeps them, and their mapping."""

from __future__ import annotations

import hashlib

from lxml import etree
from pyoxigraph import NamedNode

from catalog.errors import RecordInvalid, ResponseInvalid
from catalog.model import Identity, Mapped, Record, Text
from harvest import identity as names
from harvest.documents import xml
from harvest.graph.mapping import map_graph
from harvest.graph.model import Graph
from harvest.iso import coupling, distributions, extents, identification, keywords, people, quality, rights
from harvest.iso.document import ROOTS, Element, View, first, local, value
from harvest.iso.identification import file_identifier, identifiers, kind_of, own_iri
from harvest.iso.languages import Languages
from harvest.iso.writer import Writer
from harvest.mapping.context import Context
from harvest.source import Rejected

NO_IDENTIFICATION = Text(
    "la fiche ne décrit aucune ressource (pas de «\u00a0identificationInfo\u00a0»).",
    "the record describes no resource (no `identificationInfo`).",
)
NOTHING_INSIDE = Text("la fiche n’a ni identifiant ni titre.", "the record has neither an identifier nor a title.")


def is_record(element: Element) -> bool:
    """Whether an element is a record of ISO 19139 or ISO 19115-3."""
    namespace = element.tag.rpartition("}")[0] if isinstance(element.tag, str) else "-"
    return local(element) in ROOTS and (not namespace or any(part in namespace for part in _NAMESPACES))


_NAMESPACES = ("isotc211.org", "standards.iso.org", "geocat.ch", "ign.fr", "sandre.eaufrance.fr")
"""Parts of the namespaces of ISO 19115 in XML, and of its profiles."""


def record_of(
    source: str, element: Element, *, kind: str = "", serves: dict[str, str] | None = None
) -> Record | Rejected:
    """The record in an element. It is called by its file identifier, else by its resource's identifier.

    `serves` are the datasets of a service by the names that the record uses for them (`harvest.iso.coupling`).
    """
    payload = etree.tostring(element, encoding="utf-8", with_tail=False)
    file_id, _ = file_identifier(element)
    given = [one for one, _ in identifiers(element)]
    title = value(first(element, "identificationInfo/*/citation/*/title"))
    if not file_id and not given and not title:
        return Rejected("-", NOTHING_INSIDE)
    iri = own_iri(element)
    chosen = iri or (given[0] if given else file_id)
    modified = value(first(element, "dateStamp", "dateInfo/*/date")) or None
    return Record(
        source,
        file_id or chosen or title,
        payload,
        {"form": "iso", "serves": serves or {}},
        digest(element, *sorted((serves or {}).items())),
        modified,
        file_id or None,
        iri=iri,
        identifier=chosen,
        name=title or names.last_part(chosen),
        claims=names.claims([*given, file_id]),
        kind=kind,
    )


def name_of(element: Element) -> str:
    """The file identifier of a record; empty where it has none."""
    return file_identifier(element)[0]


def digest(element: Element, *more: object) -> str:
    """SHA-256 of the elements, their attributes and texts, and of `more`; white space and prefixes do not count."""
    made = hashlib.sha256(repr(more).encode() if more else b"")
    for one in element.iter():
        made.update(repr((one.tag, sorted(one.attrib.items()), (one.text or "").strip(), len(one))).encode())
    return made.hexdigest()


def kept(payload: bytes, name: str) -> Element:
    """The root of a kept record; of one that came with faults, what can be read of it."""
    try:
        return xml.tree(payload, what=name)
    except ResponseInvalid:
        try:
            return xml.tree(payload, what=name, recover=True)
        except ResponseInvalid as e:  # it was readable when it came
            raise RecordInvalid(e.message, french="La fiche n’est pas lisible.", what=name) from e


def map_record(record: Record, identity: Identity, context: Context) -> Mapped:
    """The description of a record's resource. `RecordInvalid` where it has none, or no title."""
    root = kept(record.payload, record.id)
    if first(root, "identificationInfo/*") is None:
        raise RecordInvalid(NO_IDENTIFICATION.en, french=NO_IDENTIFICATION.fr, what=record.id)
    w = write(root, identity.iri, record.data.get("serves"))
    return map_graph(record, w.graph, identity, context, view=w.view, language=w.languages.main)


_PARTS = (
    identification.types,
    identification.identification,
    identification.about,
    identification.reference_systems,
    identification.resolution,
    identification.related,
    keywords.keywords,
    extents.extents,
    people.people,
    quality.quality,
    rights.rights,
)


def write(root: Element, iri: str, serves: dict[str, str] | None = None) -> Writer:
    """The graph of the record in `root` about a resource of this IRI."""
    subject = NamedNode(iri)
    w = Writer(subject, root, View(root), Languages(root), Graph(subject), kind_of(root), serves=serves or {})
    for part in _PARTS:
        w.view.rule = part.__name__
        part(w)
    w.view.rule = "distributions"
    (distributions.service if w.is_service else distributions.distributions)(w)
    w.view.rule = "operates-on"
    coupling.operates_on(w)
    w.view.rule = "record"
    people.record_contact(w, identification.source_record(w))
    return w
