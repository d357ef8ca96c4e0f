"""Which datasets a service operates on: named by an address of their own, or by their record in the same catalogue."""

from __future__ import annotations

import re
import tempfile
from collections.abc import Iterator
from urllib.parse import parse_qsl, urlsplit

from lxml import etree

from catalog.model import Text
from harvest.documents import xml
from harvest.identity import persistent
from harvest.iso.document import Element, find
from harvest.iso.identification import file_identifier, identifiers, kind_of, own_iri
from harvest.iso.writer import Writer
from vocab.namespaces import DCAT

_HREF = "{http://www.w3.org/1999/xlink}href"
_OF_RECORD = re.compile(r"[?&](?:uu)?id=|/api/records/|/metadata/|\.xml\b|xml_iso19139|getrecordbyid", re.IGNORECASE)
"""An address that gives the record of a dataset: it names the record, and not the dataset."""
_OPERATES_ON = "identificationInfo/*/operatesOn"
SERVES = Text(
    "le jeu de données servi n’est désigné ni par une adresse pérenne, ni par une fiche du catalogue qui en donne une",
    "the dataset that is served is named neither by an address that lasts, nor by a record of the catalogue with one",
)


def references(element: Element) -> list[str]:
    """The names by which one `operatesOn` may refer to a record or dataset: as given, and what an address asks for."""
    given = [(element.get("uuidref") or "").strip(), (element.get(_HREF) or "").strip()]
    found = [g for g in given if g]
    for one in given:
        try:
            parts = urlsplit(one)
        except ValueError:
            continue
        found += [v for k, v in parse_qsl(parts.query) if k.lower() in ("id", "uuid", "uuidref") and v]
        last = re.sub(r"\.xml\Z", "", parts.path.rstrip("/").rpartition("/")[2])
        found += [last] if "/" in parts.path and last else []
    return list(dict.fromkeys(found))


def operates_on(w: Writer) -> None:
    """The datasets of a service (`dcat:servesDataset`)."""
    for one in find(w.document, _OPERATES_ON):
        names = references(one)
        known = next((w.serves[n.lower()] for n in names if n.lower() in w.serves), "")
        own = next((n for n in names if persistent(n) and not _OF_RECORD.search(n)), "")
        if known or own:
            w.link(w.root, DCAT.servesDataset, known or own, one)
        else:
            w.view.refuse_element(one, SERVES)


class Coupling:
    """What the records of one catalogue call their datasets; services wait on disk until all are known."""

    def __init__(self) -> None:
        self._known: dict[str, str] = {}
        self._file = tempfile.TemporaryFile()  # noqa: SIM115  it is closed by `close`
        self._sizes: list[int] = []

    def close(self) -> None:
        """Gives the disk space back."""
        self._file.close()

    def holds(self, element: Element) -> bool:
        """Takes notice of a record; True for a service that operates on something, which is then kept for later."""
        if kind_of(element) == "service":
            if not find(element, _OPERATES_ON):
                return False
            self._sizes.append(self._file.write(etree.tostring(element, encoding="utf-8", with_tail=False)))
            return True
        if iri := own_iri(element):
            for name in (file_identifier(element)[0], *(i for i, _ in identifiers(element))):
                self._known[name.lower()] = min(iri, self._known.get(name.lower(), iri))  # whichever comes first
        return False

    def services(self) -> Iterator[tuple[Element, dict[str, str]]]:
        """The services that were kept, each with the names that it uses and the datasets that they are of."""
        self._file.seek(0)
        for size in self._sizes:
            element = xml.tree(self._file.read(size), what="a kept record", recover=True)
            asked = {n.lower() for one in find(element, _OPERATES_ON) for n in references(one)}
            yield element, {n: self._known[n] for n in sorted(asked) if n in self._known}
