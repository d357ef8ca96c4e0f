"""The lint: what is wrong with shapes themselves, before anybody trusts what they say about data.

`lint` looks at files together, as one shapes graph. `notes` gives the same remarks to a validation, those only that
tell what it does not do, and few of each kind.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from pyoxigraph import NamedNode, Triple

from shapes.lint import contradictions, form, imports, references, terms
from shapes.lint.remark import SEVERITIES, TITLES, Check, Remark, Remarks
from shapes.lint.subject import Subject
from shapes.plan import Plan, too_deep
from shapes.read import Document
from shapes.text import Text
from vocab.namespaces import SH

__all__ = ["SEVERITIES", "TITLES", "Check", "Found", "Remark", "Sheet", "lint", "notes"]

UNDONE = (
    Check.UNKNOWN_TERM,
    Check.OTHER_NAMESPACE,
    Check.NOT_CHECKED,
    Check.NOT_USABLE,
    Check.DANGLING,
    Check.NO_CONSTRAINT,
    Check.NEVER_FIRES,
    Check.NOT_LOADED,
)
"""The checks whose remarks mean that something the shapes' author wrote is not done.

A shape that nothing reaches is none of them: a file may well lend shapes to several profiles.
"""

MOST = 3
"""Remarks of one check that a validation tells one by one."""


@dataclass(frozen=True)
class Sheet:
    """A file of shapes: what was read, at which address, and the line of each statement where it is known."""

    document: Document
    base: str = ""
    lines: Mapping[Triple, int] = field(default_factory=dict)


@dataclass(frozen=True)
class Found:
    """A remark with the name of its shape, the file, and the line; 0 where the line is not known."""

    remark: Remark
    shape: str
    file: str
    line: int


def lint(sheets: Sequence[Sheet]) -> list[Found]:
    """Everything there is to remark on these files together, in the order of files and lines.

    Raises `InputInvalid` for shapes that are nested too deeply to be looked at.
    """
    triples = [t for sheet in sheets for t in sheet.document.triples]
    try:
        subject = Subject(Plan(dict.fromkeys(triples)))
        remarks = [*_remarks(subject, [sheet.base for sheet in sheets]), *_twice(sheets)]
    except RecursionError:
        raise too_deep([sheet.document.name for sheet in sheets]) from None
    places = _Places(sheets)
    found = [Found(one, subject.name(one.node), *places.of(one)) for one in remarks]
    order = {sheet.document.name: place for place, sheet in enumerate(sheets)}
    found.sort(key=lambda one: (order[one.file], one.line))
    return list(dict.fromkeys(found))


def notes(plan: Plan, loaded: Collection[str] = ()) -> Iterator[Text]:
    """What a validation with these shapes does not do, as sentences; the first of each kind, then how many more."""
    subject = Subject(plan)
    by_check: dict[Check, dict[Text, None]] = defaultdict(dict)
    for one in _undone(subject, loaded):
        name = subject.name(one.node)
        by_check[one.check][Text(f"{name}\u00a0: {one.text.fr}", f"{name}: {one.text.en}")] = None
    for check in UNDONE:
        told = list(by_check[check])
        yield from told[:MOST]
        if len(told) > MOST:
            yield Text(
                f"{TITLES[check].fr}\u00a0: {len(told) - MOST} de plus\u00a0; «\u00a0garonne shapes lint\u00a0» les "
                "nomme tous.",
                f"{TITLES[check].en}: {len(told) - MOST} more; `garonne shapes lint` names them all.",
            )


def _remarks(subject: Subject, loaded: Collection[str]) -> Remarks:
    yield from _undone(subject, loaded)
    yield from form.check(subject)
    yield from contradictions.check(subject)


def _undone(subject: Subject, loaded: Collection[str]) -> Remarks:
    """Those among which are all of `UNDONE`."""
    yield from terms.check(subject)
    yield from (Remark(Check.NOT_USABLE, node, text) for node, text in subject.plan.unusable)
    yield from references.check(subject)
    yield from imports.check(subject, loaded)


_LAID_OVER = frozenset({SH.message, SH.severity, SH.deactivated, SH.name, SH.description, SH.order, SH.group})
"""What one file may well say of a shape of another."""


def _twice(sheets: Sequence[Sheet]) -> Remarks:
    """Shapes that several files describe, each with rules of its own: all of them apply together."""
    said: dict[NamedNode, list[tuple[Document, set[tuple[object, object]]]]] = defaultdict(list)
    for sheet in sheets:
        own: dict[NamedNode, set[tuple[object, object]]] = defaultdict(set)
        for t in sheet.document.triples:
            is_rule = t.predicate.value.startswith(SH.base) and t.predicate not in _LAID_OVER
            if is_rule and isinstance(t.subject, NamedNode):
                own[t.subject].add((t.predicate, t.object))
        for node, statements in own.items():
            said[node].append((sheet.document, statements))
    for node, versions in said.items():
        (first, known), *others = versions
        for document, statements in others:
            if statements != known:
                text = Text(
                    f"{first.name} et {document.name} la décrivent tous deux, différemment\u00a0: les contraintes des "
                    "deux s’appliquent ensemble.",
                    f"both {first.name} and {document.name} describe it, and differently: the constraints of both "
                    "apply together.",
                )
                yield Remark(Check.DEFINED_TWICE, node, text)
                break


class _Places:
    """Where the statements about each node stand."""

    def __init__(self, sheets: Sequence[Sheet]) -> None:
        self._sheets = sheets
        self._starts: list[dict[object, int]] = []
        for sheet in sheets:
            starts: dict[object, int] = {}
            for t in sheet.document.triples:
                line = sheet.lines.get(t, 0)
                starts.setdefault(t.subject, line)
                starts.setdefault((t.subject, t.predicate), line)
            self._starts.append(starts)

    def of(self, remark: Remark) -> tuple[str, int]:
        """File and line of a remark: of its statement, else of its node."""
        for key in ((remark.node, remark.predicate, remark.value), (remark.node, remark.predicate), remark.node):
            for sheet, starts in zip(self._sheets, self._starts, strict=True):
                line = self._line(sheet, starts, key)
                if line is not None:
                    return sheet.document.name, line
        return self._sheets[0].document.name, 0

    @staticmethod
    def _line(sheet: Sheet, starts: Mapping[object, int], key: object) -> int | None:
        if isinstance(key, tuple) and len(key) == len(("node", "predicate", "value")):
            node, predicate, value = key
            if predicate is None or value is None:
                return None
            return sheet.lines.get(Triple(node, predicate, value))
        return starts.get(key)
