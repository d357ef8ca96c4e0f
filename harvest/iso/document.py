"""One record of ISO 19139 or ISO 19115-3, read by the local names of its elements.

The two standards spread the same elements over different namespaces, and servers of both mix them up. A path here is a
sequence of local names with `*` for any one element: `identificationInfo/*/citation/*/title`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache

from lxml import etree

from catalog.model import Fate, Ledger, Note, Text
from harvest.mapping import wording

Element = etree._Element  # noqa: SLF001  the name that lxml's own type hints have for it

ROOTS = frozenset(("MD_Metadata", "MI_Metadata", "CHE_MD_Metadata"))
"""The elements that are a record: ISO 19115, its part for imagery, the Swiss profile."""
_XLINK = "{http://www.w3.org/1999/xlink}"
_NIL = "{http://www.w3.org/2001/XMLSchema-instance}nil"
_MENTIONED = frozenset(("operatesOn",))


def local(element: Element) -> str:
    """The name of an element without its namespace, or its prefix where that is not declared."""
    tag = element.tag
    return _local(tag) if isinstance(tag, str) else ""


@lru_cache(maxsize=4096)
def _local(tag: str) -> str:
    return tag.rpartition("}")[2].rpartition(":")[2]


@lru_cache(maxsize=4096)
def _is_class(name: str) -> bool:
    """Whether a name is that of a class or a type, which is left out of paths, and not that of a property."""
    return name[:1].isupper()


def find(element: Element | None, *paths: str) -> list[Element]:
    """The elements at these paths, in the order of the paths and of the document."""
    found: list[Element] = []
    for path in paths:
        here = [] if element is None else [element]
        for name in path.split("/"):
            here = [c for e in here for c in e if name in ("*", local(c)) and local(c)]
        found += here
    return found


def first(element: Element | None, *paths: str) -> Element | None:
    """The first of `find`."""
    return next(iter(find(element, *paths)), None)


def leaf(element: Element) -> Element:
    """The element that holds the value of a property: itself, or the last of a line of only children."""
    while len(element) and (inner := next((c for c in element if local(c) != "PT_FreeText"), None)) is not None:
        element = inner
    return element


def value(element: Element | None) -> str:
    """The value of a property: its text, else the term of its code list; without the white space around it."""
    if element is None:
        return ""
    held = leaf(element)
    return (held.text or "").strip() or (held.get("codeListValue") or "").strip()


def code(element: Element | None) -> str:
    """The term of a code list, which `codeListValue` gives; else the text."""
    if element is None:
        return ""
    held = leaf(element)
    return (held.get("codeListValue") or "").strip() or (held.text or "").strip()


def href(element: Element | None) -> str:
    """The address that an anchor leads to; empty for any other value."""
    if element is None:
        return ""
    return (leaf(element).get(_XLINK + "href") or "").strip()


def reference(element: Element) -> str:
    """What a property by reference refers to: `uuidref`, else `xlink:href`."""
    return (element.get("uuidref") or element.get(_XLINK + "href") or "").strip()


class View:
    """The values of one record and what becomes of each: the ledger in terms of the record's own elements.

    A value is called by the path of its properties, without the classes between them
    (`identificationInfo/citation/title`), and told from others of the same path by its number in the document.
    """

    def __init__(self, root: Element) -> None:
        self.root = root
        self.rule = ""
        self.numbers: dict[Element, int] = {}
        self._rows: list[tuple[str, str]] = []
        self._notes: dict[int, Note] = {}
        self._read(root)

    def _read(self, root: Element) -> None:
        waiting = [(root, "")]
        while waiting:
            element, path = waiting.pop()
            text = (element.text or "").strip() or (element.get("codeListValue") or "").strip()
            by_reference = local(element) in _MENTIONED or (not len(element) and not text)
            if not text and by_reference:
                text = reference(element)
            if text:
                self.numbers[element] = len(self._rows)
                self._rows.append((path or local(element), text))
            for child in reversed(element):
                name = local(child)
                if name:
                    below = path if _is_class(name) else f"{path}/{name}".removeprefix("/")
                    waiting.append((child, below))

    def place(self, element: Element) -> tuple[str, int | None]:
        """Path and number of the value that an element holds, entered as mapped by the current rule."""
        number = self.numbers.get(leaf(element), self.numbers.get(element))
        if number is None:
            return "", None
        self._notes.setdefault(number, (Fate.MAPPED, self.rule, None, None))
        return self._rows[number][0], number

    def claimed(self, element: Element) -> bool:
        """Whether a rule has a word on the value that an element holds."""
        number = self.numbers.get(leaf(element))
        return number in self._notes

    def take(self, *elements: Element | None) -> None:
        """Enters values as mapped by the current rule."""
        for one in elements:
            if one is not None:
                self.place(one)

    def note(self, path: str, reason: Text, *, item: int | None = None) -> None:
        """Adds a remark to a value that is mapped."""
        self._enter(item, (Fate.MAPPED, self.rule, reason, None))

    def refuse(self, path: str, reason: Text, *, item: int | None = None, table: str | None = None) -> None:
        """Enters a value as unmapped; `table` is where a line would map it."""
        self._enter(item, (Fate.UNMAPPED, self.rule, reason, table))

    def ignore(self, path: str, reason: Text, *, item: int | None = None) -> None:
        """Enters a value as one that need not be published."""
        self._enter(item, (Fate.IGNORED, self.rule, reason, None))

    def _enter(self, item: int | None, note: Note) -> None:
        if item is not None:
            self._notes[item] = note

    def refuse_element(self, element: Element | None, reason: Text, *, table: str | None = None) -> None:
        """Enters the value that an element holds as unmapped."""
        if element is not None:
            path, item = self.place(element)
            self.refuse(path, reason, item=item, table=table)

    def note_element(self, element: Element | None, reason: Text, *, rule: str) -> None:
        """Adds a remark to the value that an element holds, which was changed by this rule and is mapped."""
        if element is not None:
            _, item = self.place(element)
            self._enter(item, (Fate.MAPPED, rule, reason, None))

    def ignore_element(self, element: Element, reason: Text) -> None:
        """Enters the value that an element holds as one that need not be published."""
        path, item = self.place(element)
        self.ignore(path, reason, item=item)

    def below(self, element: Element) -> Iterator[Element]:
        """The elements below one that hold a value."""
        return (e for e in element.iter() if e in self.numbers)

    def ledger(self) -> Ledger:
        """Every value of the record with its fate, in the record's order."""
        rows: list[tuple[str, str, Note]] = []
        for number, (path, shown) in enumerate(self._rows):
            rows.append((path, shown, self._notes.get(number) or _otherwise(path)))
        return Ledger(rows)


_ABOUT_CODES = Text("précise une autre valeur", "qualifies another value")
_ABOUT_RECORD = Text("concerne la fiche elle-même, non la ressource", "is about the record itself, not the resource")
_STRUCTURE = Text("description interne des données", "inner structure of the data")
_RECORD = (
    "characterSet characterEncoding metadataStandard metadataStandardName metadataStandardVersion dataSetURI "
    "hierarchyLevelName locale otherLocale defaultLocale metadataScope metadataLinkage metadataProfile "
    "alternativeMetadataReference metadataMaintenance metadataIdentifier metadataConstraints dateInfo language"
)
_QUALIFIERS = (
    "dateType thesaurusName type function codeSpace authority numberType nameType scope level couplingType typeName "
    "pass restrictionCode applicationProfile version"
)
_INNER = (
    "spatialRepresentationInfo contentInfo portrayalCatalogueInfo applicationSchemaInfo acquisitionInformation "
    "metadataExtensionInfo"
)
_OTHERWISE: tuple[tuple[re.Pattern[str], Note], ...] = (
    (re.compile(rf"(?:{'|'.join(_RECORD.split())})(?:/|\Z)"), (Fate.IGNORED, "record", _ABOUT_RECORD, None)),
    (
        re.compile(rf"(?:.*/)?(?:{'|'.join(_QUALIFIERS.split())})(?:/|\Z)"),
        (Fate.IGNORED, "qualifier", _ABOUT_CODES, None),
    ),
    (re.compile(rf"(?:{'|'.join(_INNER.split())})(?:/|\Z)"), (Fate.IGNORED, "structure", _STRUCTURE, None)),
)
_UNCLAIMED: Note = (Fate.UNMAPPED, "unclaimed", wording.NO_PROPERTY, None)


def _otherwise(path: str) -> Note:
    """What holds for the values that no rule has a word on."""
    return next((note for pattern, note in _OTHERWISE if pattern.match(path)), _UNCLAIMED)
