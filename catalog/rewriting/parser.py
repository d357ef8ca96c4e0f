"""From tokens to the tree of a query (SPARQL 1.1, section 19.8). Raises `NotUnderstood` for anything out of the common.

It need not reject what is no SPARQL: the engine reads what comes out, and when it does not like it, the original.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from catalog.rewriting.tokens import END, NotUnderstood, Token, tokens
from catalog.rewriting.tree import (
    Bind,
    Condition,
    Element,
    Exists,
    Expression,
    Filter,
    Group,
    InGraph,
    Minus,
    Optional,
    Projected,
    Query,
    Raw,
    SubSelect,
    Triple,
    Union,
    Values,
    variable,
)

DEPTH = 40
"""Groups inside one another that are read."""
_T = TypeVar("_T")
_CLOSING = {"(": ")", "{": "}", "[": "]"}
_MODIFIERS = ("GROUP", "HAVING", "ORDER", "LIMIT", "OFFSET", "VALUES")


def parse(query: str) -> Query:
    """The tree of a whole query."""
    return _Parser(tokens(query)).query()


class _Parser:
    def __init__(self, found: list[Token]) -> None:
        self.found = found
        self.at = 0
        self.depth = 0
        self.blank = False
        self.star = False

    # -- moving

    def peek(self, ahead: int = 0) -> Token:
        where = self.at + ahead
        return self.found[where] if where < len(self.found) else END

    def next(self) -> Token:
        token = self.peek()
        if token is END:
            raise NotUnderstood("end")
        self.at += 1
        return token

    def take(self, *texts: str) -> bool:
        if self.peek().is_(*texts):
            self.at += 1
            return True
        return False

    def need(self, text: str) -> Token:
        if not self.peek().is_(text):
            raise NotUnderstood(f"{text} expected, {self.peek().text} found")
        return self.next()

    def balanced(self) -> tuple[Token, ...]:
        """A bracket, what it holds, and its end."""
        opening = self.next()
        if opening.text not in _CLOSING:
            raise NotUnderstood(opening.text)
        out, open_ = [opening], [_CLOSING[opening.text]]
        while open_:
            token = self.next()
            if token.kind == "sign" and token.text in _CLOSING:
                open_.append(_CLOSING[token.text])
            elif token.kind == "sign" and token.text in ")}]" and token.text != open_.pop():
                raise NotUnderstood(token.text)
            out.append(token)
        return tuple(out)

    # -- queries

    def query(self) -> Query:
        prologue: list[Token] = []
        while self.peek().word in {"PREFIX", "BASE"}:
            if self.peek().word == "BASE":
                raise NotUnderstood("BASE")
            prologue += [self.next(), self.next(), self.next()]
        form = self.next().word
        if form == "SELECT":
            found = self.select(tuple(prologue))
        elif form in {"CONSTRUCT", "ASK", "DESCRIBE"}:
            found = self.other(form, tuple(prologue))
        else:
            raise NotUnderstood(form)
        if self.peek() is not END:
            raise NotUnderstood(self.peek().text)
        if self.blank and self.star:
            raise NotUnderstood("everything is projected, and blank nodes are not to be")
        return found

    def select(self, prologue: tuple[Token, ...] = ()) -> Query:
        modifier = self.next().word if self.peek().is_("DISTINCT", "REDUCED") else ""
        projection: tuple[Projected, ...] | None = None
        if self.take("*"):
            self.star = True
        else:
            projection = tuple(
                self.many(lambda: self.peek().kind == "variable" or self.peek().is_("("), self.projected)
            )
            if not projection:
                raise NotUnderstood("nothing is projected")
        dataset = self.dataset()
        self.take("WHERE")
        where = self.group()
        return self.modified(Query("SELECT", where, prologue, modifier, projection, dataset=dataset))

    def projected(self) -> Projected:
        if self.peek().kind == "variable":
            return Projected(self.next())
        self.need("(")
        expression = self.expression(lambda: self.peek().is_("AS"))
        self.need("AS")
        name = self.variable()
        self.need(")")
        return Projected(name, expression)

    def other(self, form: str, prologue: tuple[Token, ...]) -> Query:
        template: list[Token] = []
        if form == "CONSTRUCT":
            if not self.peek().is_("{"):
                raise NotUnderstood("CONSTRUCT WHERE")
            template += self.balanced()
        while form == "DESCRIBE" and not self.peek().is_("FROM", "WHERE", "{"):
            template.append(self.next())
            self.star = self.star or template[-1].is_("*")
        dataset = self.dataset()
        self.take("WHERE")
        return self.modified(Query(form, self.group(), prologue, template=tuple(template), dataset=dataset))

    def dataset(self) -> tuple[Token, ...]:
        found: list[Token] = []
        while self.peek().is_("FROM"):
            found.append(self.next())
            if self.peek().is_("NAMED"):
                found.append(self.next())
            found.append(self.next())
        return tuple(found)

    def modified(self, query: Query) -> Query:
        fields = {name: getattr(query, name) for name in query.__dataclass_fields__}
        if self.take("GROUP"):
            self.need("BY")
            fields["group_by"] = self.expression(lambda: self.peek().is_(*_MODIFIERS, "}"))
        if self.take("HAVING"):
            fields["having"] = self.expression(lambda: self.peek().is_(*_MODIFIERS, "}"))
        if self.take("ORDER"):
            self.need("BY")
            fields["order"] = tuple(self.many(lambda: not self.peek().is_(*_MODIFIERS, "}"), self.condition))
        while self.peek().is_("LIMIT", "OFFSET"):
            name = self.next().word.lower()
            number = self.next()
            if number.kind != "number" or not number.text.isdigit() or fields[name]:
                raise NotUnderstood(number.text)
            fields[name] = int(number.text)
        if self.take("VALUES"):
            fields["values"] = self.data_block()
        return Query(**fields)

    def condition(self) -> Condition:
        if self.peek().is_("ASC", "DESC"):
            descending = self.next().word == "DESC"
            return Condition(Expression(self.bracketed().parts[1:-1]), descending)
        if self.peek().kind == "variable":
            return Condition(Expression((self.next(),)), descending=False)
        return Condition(self.constraint(), descending=False)

    def many(self, more: Callable[[], bool], one: Callable[[], _T]) -> list[_T]:
        found = []
        while self.peek() is not END and more():
            found.append(one())
        return found

    # -- groups

    def group(self) -> Group:
        self.need("{")
        self.depth += 1
        if self.depth > DEPTH:
            raise NotUnderstood("depth")
        elements: list[Element] = []
        if self.take("SELECT"):
            elements.append(SubSelect(self.select()))
        else:
            while not self.peek().is_("}"):
                elements += self.elements()
                self.take(".")
        self.need("}")
        self.depth -= 1
        return Group(tuple(elements))

    def elements(self) -> list[Element]:
        word = self.peek().word
        if word in {"OPTIONAL", "MINUS"}:
            self.next()
            return [Optional(self.group()) if word == "OPTIONAL" else Minus(self.group())]
        if word == "GRAPH":
            self.next()
            return [InGraph(self.name(), self.group())]
        if word == "FILTER":
            self.next()
            return [Filter(self.constraint())]
        if word == "BIND":
            return [self.bind()]
        if word == "VALUES":
            self.next()
            return [Values(self.data_block())]
        if self.peek().is_("{"):
            groups = [self.group()]
            while self.take("UNION"):
                groups.append(self.group())
            return [Union(tuple(groups))]
        if word and word not in {"A", "TRUE", "FALSE"}:
            raise NotUnderstood(word)
        return self.triples()

    def bind(self) -> Bind:
        self.next()
        self.need("(")
        expression = self.expression(lambda: self.peek().is_("AS"))
        self.need("AS")
        name = self.variable()
        self.need(")")
        return Bind(expression, name)

    def data_block(self) -> tuple[Token, ...]:
        head = self.balanced() if self.peek().is_("(") else (self.variable(),)
        found: list[Token] = []
        for token in self.balanced():
            if token.kind == "number" and found[-1].is_("-", "+"):
                token = Token("number", found.pop().text + token.text)
            found.append(token)
        return (*head, *found)

    def variable(self) -> Token:
        token = self.next()
        if token.kind != "variable":
            raise NotUnderstood(token.text)
        return token

    def name(self) -> Token:
        token = self.next()
        if token.kind not in {"variable", "iri", "name"}:
            raise NotUnderstood(token.text)
        return token

    # -- triples

    def triples(self) -> list[Element]:
        """The triples of one subject; a block with brackets that stand for nodes is not looked into."""
        begun, blank = self.at, self.blank
        if not self.peek().is_("(") and not (self.peek().is_("[") and not self.peek(1).is_("]")):
            found = self.simple_triples()
            if found is not None:
                return list(found)
        self.at, self.blank = begun, blank
        raw: list[Token] = []
        while not self.peek().is_(".", "}", "{", "OPTIONAL", "MINUS", "GRAPH", "FILTER", "BIND", "VALUES", "SERVICE"):
            raw += self.balanced() if self.peek().is_("(", "[") else (self.next(),)
        if not raw or raw[0].is_("]", ")") or any(t.kind == "blank" or t.is_("<", ">", "=") for t in raw):
            raise NotUnderstood("a block that is not looked into, with something odd")
        return [Raw(tuple(raw))]

    def simple_triples(self) -> list[Triple] | None:
        subject = self.node()
        if subject is None:
            return None
        found: list[Triple] = []
        while True:
            path = self.path()
            while True:
                value = self.object()
                if value is None:
                    return None
                found.append(Triple(subject, path, value))
                if not self.take(","):
                    break
            if not self.take(";"):
                return found
            while self.take(";"):
                pass
            if self.peek().is_(".", "}") or self.peek().word in {"OPTIONAL", "FILTER", "GRAPH", "MINUS", "BIND"}:
                return found

    def node(self) -> Token | None:
        """A term or variable; a blank node is a variable that nobody projects (section 4.1.4)."""
        token = self.next()
        if token.is_("[") and self.take("]"):
            self.blank = True
            return variable(f"garonne_n{self.at}")
        if token.kind == "blank":
            self.blank = True
            return variable("garonne_b" + "".join(c if c.isalnum() else f"_{ord(c)}_" for c in token.text[2:]))
        return token if token.kind in {"variable", "iri", "name"} else None

    def object(self) -> Token | None:
        if self.peek().kind in {"string", "literal", "number"} or self.peek().is_("TRUE", "FALSE"):
            return self.next()
        if self.peek().is_("-", "+"):
            return Token("number", self.next().text + self.next().text)
        return self.node()

    def path(self) -> tuple[Token, ...]:
        """A predicate: a variable, or a path, up to its object."""
        if self.peek().kind == "variable":
            return (self.next(),)
        found: list[Token] = []
        while True:
            while self.peek().is_("^", "!"):
                found.append(self.next())
            if self.peek().is_("("):
                found += self.balanced()
            elif self.peek().kind in {"iri", "name"} or self.peek().is_("A"):
                found.append(self.next())
            else:
                raise NotUnderstood(self.peek().text)
            if self.peek().is_("*", "+", "?"):
                found.append(self.next())
            if not self.peek().is_("/", "|"):
                return tuple(found)
            found.append(self.next())

    # -- expressions

    def constraint(self) -> Expression:
        """What stands after FILTER: brackets, a function's call, or EXISTS."""
        if self.peek().is_("EXISTS") or (self.peek().is_("NOT") and self.peek(1).is_("EXISTS")):
            return Expression((self.exists(),))
        if self.peek().is_("("):
            return self.bracketed()
        name = self.next()
        if name.kind not in {"word", "iri", "name"} or not self.peek().is_("("):
            raise NotUnderstood(name.text)
        return Expression((name, *self.bracketed().parts))

    def bracketed(self) -> Expression:
        opening = self.need("(")
        inner = self.expression(lambda: self.peek().is_(")"))
        return Expression((opening, *inner.parts, self.next()))

    def expression(self, ended: Callable[[], bool]) -> Expression:
        parts: list[Token | Exists] = []
        while not ended():
            if self.peek().is_("EXISTS") or (self.peek().is_("NOT") and self.peek(1).is_("EXISTS")):
                parts.append(self.exists())
            elif self.peek().is_("("):
                parts += self.bracketed().parts
            elif self.peek().is_("{", "}", ")") or self.peek() is END:
                if not parts:
                    raise NotUnderstood("no expression")
                break
            else:
                parts.append(self.next())
        return Expression(tuple(parts))

    def exists(self) -> Exists:
        negated = self.take("NOT")
        self.need("EXISTS")
        return Exists(negated, self.group())
