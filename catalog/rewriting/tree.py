"""A query as a tree: the structure of groups in full, expressions and paths as the tokens they are made of.

Every node is a value; a rule makes new ones. `text` writes a node so that the engine reads the same.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from catalog.rewriting.tokens import Token, text_of


@dataclass(frozen=True, slots=True)
class Exists:
    """EXISTS or NOT EXISTS inside an expression."""

    negated: bool
    group: Group

    @property
    def text(self) -> str:
        """As the grammar writes it."""
        return f"{'NOT ' if self.negated else ''}EXISTS {self.group.text}"


@dataclass(frozen=True, slots=True)
class Expression:
    """An expression: tokens and the EXISTS between them."""

    parts: tuple[Token | Exists, ...]

    @property
    def text(self) -> str:
        """As the grammar writes it."""
        return text_of(self.parts)


@dataclass(frozen=True, slots=True)
class Triple:
    """A triple pattern; `predicate` may be a path. Subject and object are one token each."""

    subject: Token
    predicate: tuple[Token, ...]
    object: Token

    @property
    def text(self) -> str:
        """With its final stop."""
        return f"{self.subject.text} {text_of(self.predicate)} {self.object.text} ."


@dataclass(frozen=True, slots=True)
class Raw:
    """Triples with blank node property lists or collections: not looked into."""

    tokens: tuple[Token, ...]

    @property
    def text(self) -> str:
        """With a final stop."""
        return text_of(self.tokens) + " ."


@dataclass(frozen=True, slots=True)
class Filter:
    """FILTER."""

    expression: Expression

    @property
    def text(self) -> str:
        """As the grammar writes it."""
        return "FILTER " + self.expression.text


@dataclass(frozen=True, slots=True)
class Bind:
    """BIND (expression AS variable)."""

    expression: Expression
    variable: Token

    @property
    def text(self) -> str:
        """As the grammar writes it."""
        return f"BIND ({self.expression.text} AS {self.variable.text})"


@dataclass(frozen=True, slots=True)
class Optional:
    """OPTIONAL."""

    group: Group

    @property
    def text(self) -> str:
        """As the grammar writes it."""
        return f"OPTIONAL {self.group.text}"


@dataclass(frozen=True, slots=True)
class Minus:
    """MINUS."""

    group: Group

    @property
    def text(self) -> str:
        """As the grammar writes it."""
        return f"MINUS {self.group.text}"


@dataclass(frozen=True, slots=True)
class InGraph:
    """GRAPH name group."""

    name: Token
    group: Group

    @property
    def text(self) -> str:
        """As the grammar writes it."""
        return f"GRAPH {self.name.text} {self.group.text}"


@dataclass(frozen=True, slots=True)
class Union:
    """One group, or several joined by UNION."""

    groups: tuple[Group, ...]

    @property
    def text(self) -> str:
        """As the grammar writes it."""
        return " UNION ".join(g.text for g in self.groups)


@dataclass(frozen=True, slots=True)
class Values:
    """VALUES with its data block, as tokens."""

    tokens: tuple[Token, ...]

    @property
    def text(self) -> str:
        """As the grammar writes it."""
        return "VALUES " + text_of(self.tokens)


@dataclass(frozen=True, slots=True)
class SubSelect:
    """A group that is a sub-select."""

    query: Query

    @property
    def text(self) -> str:
        """Without the braces of its group."""
        return self.query.text


Element = Triple | Raw | Filter | Bind | Optional | Minus | InGraph | Union | Values | SubSelect


@dataclass(frozen=True, slots=True)
class Group:
    """A group graph pattern: its elements in order."""

    elements: tuple[Element, ...]

    @property
    def text(self) -> str:
        """With its braces."""
        return "{ " + " ".join(e.text for e in self.elements) + " }"


@dataclass(frozen=True, slots=True)
class Projected:
    """What SELECT names: a variable, or an expression under a variable's name."""

    variable: Token
    expression: Expression | None = None

    @property
    def text(self) -> str:
        """As the grammar writes it."""
        return self.variable.text if self.expression is None else f"({self.expression.text} AS {self.variable.text})"


@dataclass(frozen=True, slots=True)
class Condition:
    """One condition of ORDER BY."""

    expression: Expression
    descending: bool

    @property
    def text(self) -> str:
        """As the grammar writes it."""
        return f"{'DESC' if self.descending else 'ASC'}({self.expression.text})"


@dataclass(frozen=True, slots=True)
class Query:
    """A query or sub-select. `template` is what stands between CONSTRUCT, DESCRIBE or ASK and the group, as tokens.

    `projection` is None for `SELECT *`. `grouping` holds GROUP BY and HAVING, as an expression each.
    """

    form: str
    where: Group
    prologue: tuple[Token, ...] = ()
    modifier: str = ""
    projection: tuple[Projected, ...] | None = None
    template: tuple[Token, ...] = ()
    dataset: tuple[Token, ...] = ()
    group_by: Expression | None = None
    having: Expression | None = None
    order: tuple[Condition, ...] = ()
    limit: int | None = None
    offset: int = 0
    values: tuple[Token, ...] = field(default=())

    @property
    def text(self) -> str:
        """The whole query as text."""
        parts = [text_of(self.prologue), self.form, self.modifier]
        if self.form == "SELECT":
            parts.append("*" if self.projection is None else " ".join(p.text for p in self.projection))
        else:
            parts.append(text_of(self.template))
        parts += [text_of(self.dataset), "WHERE", self.where.text]
        if self.group_by is not None:
            parts.append("GROUP BY " + self.group_by.text)
        if self.having is not None:
            parts.append("HAVING " + self.having.text)
        if self.order:
            parts.append("ORDER BY " + " ".join(c.text for c in self.order))
        if self.limit is not None:
            parts.append(f"LIMIT {self.limit}")
        if self.offset:
            parts.append(f"OFFSET {self.offset}")
        if self.values:
            parts.append("VALUES " + text_of(self.values))
        return " ".join(part for part in parts if part)


def tokens_of(node: object) -> Iterator[Token]:
    """Every token below a node."""
    if isinstance(node, Token):
        yield node
    elif isinstance(node, tuple):
        for part in node:
            yield from tokens_of(part)
    elif hasattr(node, "__dataclass_fields__"):
        for name in node.__dataclass_fields__:
            yield from tokens_of(getattr(node, name))


def variables(node: object) -> frozenset[str]:
    """The names of the variables that occur anywhere below a node, without their mark."""
    return frozenset(t.text[1:] for t in tokens_of(node) if t.kind == "variable")


def variable(name: str) -> Token:
    """The token of a variable."""
    return Token("variable", "?" + name)
