"""Turtle that a strict parser refuses, read statement by statement: what is understood is kept, the rest is reported.

Only for documents in which pyoxigraph finds an error; it knows what people get wrong: a full stop that is missing, an
undeclared prefix, a slash in a local name, a statement that breaks off.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from urllib.parse import urljoin

from pyoxigraph import BlankNode, Literal, NamedNode, RdfFormat, Triple, parse

from harvest.graph.model import Node, Value
from harvest.rdf.names import unchecked
from harvest.repair.iris import QNAMES
from vocab.namespaces import RDF, XSD

_TOKEN = re.compile(
    r"""
      (?P<space> \s+ | \#[^\n]* )
    | (?P<iri> <[^<>\n]*> )
    | (?P<string> \"{3}(?:[^"\\]|\\.|\"(?!\"\"))*\"{3} | '{3}(?:[^'\\]|\\.|'(?!''))*'{3}
                | "(?:[^"\\\n]|\\.)*" | '(?:[^'\\\n]|\\.)*' )
    | (?P<directive> @?(?:prefix|base)\b(?=\s) )
    | (?P<tag> @[A-Za-z]+(?:[-_][A-Za-z0-9]+)* )
    | (?P<type> \^\^ )
    | (?P<blank> _:[\w][\w.-]*(?<!\.) )
    | (?P<name> (?:[^\W\d_][\w.-]*)?:(?:(?:[\w:%/#\#-]|\\.)(?:[\w:%/\#.-]|\\.)*(?<!\.))? )
    | (?P<number> [+-]?(?:\d+(?:\.\d*)?(?:[eE][+-]?\d+)|\d*\.\d+|\d+) )
    | (?P<word> [A-Za-z]+ )
    | (?P<sign> [.;,\[\]()] )
    | (?P<junk> . )
    """,
    re.VERBOSE | re.DOTALL | re.IGNORECASE,
)
DEEPEST = 100
"""Brackets that may stand in one another."""


@dataclass
class Problem(Exception):
    """What could not be understood, and in which line."""

    line: int
    message: str


@dataclass
class _Reader:
    text: str
    base: str
    prefixes: dict[str, str] = field(default_factory=dict)
    triples: list[Triple] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    at: int = 0
    count: int = 0

    def __post_init__(self) -> None:
        self.tokens = [(m.lastgroup, m[0], m.start()) for m in _TOKEN.finditer(self.text) if m.lastgroup != "space"]
        self.tokens.append(("end", "", len(self.text)))

    # ── tokens ───────────────────────────────────────────────────────────────────────────────────────────────────

    @property
    def kind(self) -> str:
        return str(self.tokens[self.at][0])

    @property
    def shown(self) -> str:
        return self.tokens[self.at][1]

    def take(self) -> tuple[str, str]:
        kind, shown, _ = self.tokens[self.at]
        if kind != "end":
            self.at += 1
        return str(kind), shown

    def is_sign(self, signs: str) -> bool:
        return self.kind == "sign" and self.shown in signs

    def problem(self, message: str) -> Problem:
        return Problem(self.text.count("\n", 0, self.tokens[self.at][2]) + 1, message)

    # ── statements ───────────────────────────────────────────────────────────────────────────────────────────────

    def document(self) -> None:
        while self.kind != "end":
            if self.kind == "directive":
                self.directive()
                continue
            try:
                self.statement()
            except Problem as e:
                self.problems.append(e)
                self.skip()

    def skip(self) -> None:
        """On to the next place where a statement may begin: behind a full stop, or at the head of a line."""
        while self.kind != "end":
            _, shown, where = self.tokens[self.at]
            head = where == 0 or self.text[where - 1] == "\n"
            if head and self.kind in ("iri", "name", "blank", "directive"):
                return
            self.at += 1
            if shown == ".":
                return

    def directive(self) -> None:
        _, word = self.take()
        name = self.take()[1].rstrip(":") if "prefix" in word.lower() else None
        if self.kind == "iri":
            value = _joined(self.base, self.take()[1][1:-1])
            if name is None:
                self.base = value
            else:
                self.prefixes[name] = value
        else:
            self.problems.append(self.problem("a prefix without an address"))
        if self.is_sign("."):
            self.take()

    def statement(self) -> None:
        if self.is_sign("."):
            self.take()
            return
        start = self.at
        subject = self.node()
        if self.is_sign(".") and self.tokens[start][1] in "[(":
            self.take()
            return
        self.properties(subject, 0)
        if self.is_sign("."):
            self.take()
        elif self.kind != "end":
            self.problems.append(self.problem("a full stop is missing"))
            if self.kind not in ("iri", "name", "blank", "directive"):
                self.skip()

    def properties(self, subject: Node, depth: int) -> None:
        while True:
            while self.is_sign(";"):
                self.take()
            if self.is_sign(".])") or self.kind in ("end", "directive"):
                return
            try:
                subject = self.property(subject, depth)
            except Problem as e:
                self.problems.append(e)
                self.to_separator()
            if not self.is_sign(";"):
                return

    def property(self, subject: Node, depth: int) -> Node:
        verb = self.verb()
        while True:
            if self.kind == "word" and self.shown == "a" and self.tokens[self.at + 1][0] in ("iri", "name"):
                # `<lonely> <subject> a …`: what was taken for a property begins the next statement
                self.problems.append(self.problem("a statement without a property"))
                self.take()
                subject, verb = verb, RDF.type
            self.triples.append(Triple(subject, verb, self.value(depth)))
            if not self.is_sign(","):
                return subject
            self.take()
            if self.is_sign(".;]"):
                return subject

    def to_separator(self) -> None:
        level = 0
        while self.kind != "end":
            if level == 0 and self.is_sign(".;])"):
                return
            if self.is_sign("[("):
                level += 1
            elif self.is_sign("])"):
                level -= 1
            self.take()

    # ── terms ────────────────────────────────────────────────────────────────────────────────────────────────────

    def verb(self) -> NamedNode:
        if self.kind == "word" and self.shown == "a":
            self.take()
            return RDF.type
        if self.kind in ("iri", "name"):
            found = self.node()
            if isinstance(found, NamedNode):
                return found
        raise self.problem(f"`{self.shown[:40]}` stands where a property should")

    def node(self, depth: int = 0) -> Node:
        kind, shown = self.kind, self.shown
        if kind == "iri":
            self.take()
            return unchecked(_joined(self.base, shown[1:-1]))
        if kind == "name":
            self.take()
            return self.expanded(shown)
        if kind == "blank":
            self.take()
            return BlankNode(re.sub(r"[^A-Za-z0-9]", "z", shown[2:]))
        if kind == "sign" and shown == "[":
            return self.brackets(depth)
        if kind == "sign" and shown == "(":
            return self.collection(depth)
        raise self.problem(f"`{shown[:40]}` stands where a resource should")

    def expanded(self, shown: str) -> NamedNode:
        prefix, _, local = shown.partition(":")
        base = self.prefixes.get(prefix) or QNAMES.get(prefix)
        if base is None:
            raise self.problem(f"the prefix `{prefix}:` is not declared")
        return unchecked(base + re.sub(r"\\(.)", r"\1", local))

    def brackets(self, depth: int) -> BlankNode:
        if depth > DEEPEST:
            raise self.problem("brackets are nested too deep")
        self.take()
        self.count += 1
        made = BlankNode(f"g{self.count}")
        self.properties(made, depth + 1)
        if self.is_sign("]"):
            self.take()
        else:
            self.problems.append(self.problem("a bracket `[` is not closed"))
        return made

    def collection(self, depth: int) -> Node:
        if depth > DEEPEST:
            raise self.problem("brackets are nested too deep")
        self.take()
        items = []
        while not self.is_sign(")") and self.kind != "end":
            items.append(self.value(depth + 1))
        self.take()
        head: Node = RDF.nil
        for item in reversed(items):
            self.count += 1
            here = BlankNode(f"g{self.count}")
            self.triples += [Triple(here, RDF.first, item), Triple(here, RDF.rest, head)]
            head = here
        return head

    def value(self, depth: int) -> Value:
        kind, shown = self.kind, self.shown
        if kind == "string":
            return self.literal()
        if kind == "number":
            self.take()
            kind_ = XSD.integer if shown.lstrip("+-").isdigit() else XSD.double if "e" in shown.lower() else XSD.decimal
            return Literal(shown, datatype=kind_)
        if kind == "word" and shown in ("true", "false"):
            self.take()
            return Literal(shown, datatype=XSD.boolean)
        return self.node(depth)

    def literal(self) -> Literal:
        _, shown = self.take()
        fence = shown[:3] if shown[:3] in ('"""', "'''") else shown[0]
        body = _unescaped(shown[len(fence) : -len(fence)])
        if self.kind == "tag":
            tag = self.take()[1][1:].replace("_", "-")
            try:
                return Literal(body, language=tag)
            except ValueError:
                return Literal(body)
        if self.kind == "type":
            self.take()
            datatype = self.node()
            if isinstance(datatype, NamedNode):
                return Literal(body, datatype=datatype)
        return Literal(body)


_ESCAPE = re.compile(r"\\(?:u([0-9A-Fa-f]{4})|U([0-9A-Fa-f]{8})|(.))", re.DOTALL)
_LETTERS = {"n": "\n", "t": "\t", "r": "\r", "b": "\b", "f": "\f"}


def _unescaped(body: str) -> str:
    def one(m: re.Match[str]) -> str:
        code = int(m[1] or m[2], 16) if m[1] or m[2] else None
        if code is None:
            return _LETTERS.get(m[3], m[3])
        return chr(code) if code < 0x110000 and not 0xD800 <= code < 0xE000 else "\ufffd"

    return _ESCAPE.sub(one, body)


def _joined(base: str, reference: str) -> str:
    if re.match(r"[A-Za-z][A-Za-z0-9+.-]*:", reference):
        return reference
    return urljoin(base, reference) + ("#" if reference.endswith("#") else "")  # which urljoin takes off


def recover(text: str, base: str) -> tuple[list[Triple], list[Problem]]:
    """The statements that can be read of a Turtle document, and what stood in the way."""
    reader = _Reader(text, base)
    reader.document()
    return reader.triples, reader.problems


def recover_lines(text: str, fmt: RdfFormat) -> Iterator[Triple | Problem]:
    """N-Triples or N-Quads line by line."""
    for number, one in enumerate(text.split("\n"), 1):
        if not one.strip():
            continue
        try:
            for quad in parse(one.encode(), format=fmt, lenient=True):
                yield quad.triple
        except (SyntaxError, ValueError):
            yield Problem(number, "this line is no statement")
