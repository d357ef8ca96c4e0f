"""Constraints whose breaches a SPARQL query finds (SHACL, sections 5.3 and 6.3)."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from shapes import literals
from shapes.components import Constraint, Result, Unusable, Values
from shapes.prebinding import SHAPES, Query
from shapes.queries import Answer
from shapes.run import Run
from shapes.text import LONGEST, Term, Text, curie, visible

_VARIABLE = re.compile(r"\{[?$](\w+)\}")
_TRUE = ('"true"^^<http://www.w3.org/2001/XMLSchema#boolean>', '"1"^^<http://www.w3.org/2001/XMLSchema#boolean>')


@dataclass(eq=False)
class SparqlConstraint(Constraint):
    """Each solution of a SELECT query is a breach. `name` names the constraint in notes.

    `message` may be empty, and may have places for variables, as `{?value}`; `constants` are the values of parameters,
    by variable; `source` is the node of `sh:sparql`, empty for a component that the shapes declare.
    """

    query: Query
    name: str
    message: Text
    constants: Mapping[str, str] = field(default_factory=dict)
    source: Term | None = None

    def results(self, run: Run, values: Values) -> Iterator[Result]:
        """See `Constraint.results`."""
        if not values.focus:
            return
        for focus, found in self.answers(run, "this", values.focus, {}) or ():
            if found.get("failure") in _TRUE:
                self.note(run, Text("la requête elle-même déclare un échec", "the query itself declares a failure"))
                continue
            path = found.get("path", "")
            yield Result(
                focus,
                found.get("value", focus if self.shape.path is None else None),
                self,
                path=path[1:-1] if path.startswith("<") else None,
                message=self.told({"this": focus, **self.constants, **found}),
            )

    def answers(self, run: Run, asked: str, about: Iterable[str], more: Mapping[str, str]) -> list[Answer] | None:
        """What the query answers; `None`, and a note of why, where it cannot be asked."""
        context = {"shapesGraph": SHAPES, "currentShape": self.shape.node, **self.constants, **more}
        constants = {name: value for name, value in context.items() if name in self.query.bound}
        try:
            found = run.queries.ask(self.query, asked, about, constants)
        except Unusable as error:
            self.note(run, error.reason)
            return None
        if ambiguous := run.queries.ambiguous:
            told = ", ".join(sorted(ambiguous)[:3])
            run.note(
                Text(
                    f"{self.name}\u00a0: la requête demande l’écriture ou le type de valeurs que les données écrivent "
                    f"de plusieurs façons ({told})\u00a0; une seule a été vue.",
                    f"{self.name}: the query asks for the spelling or the datatype of values that the data write in "
                    f"several ways ({told}); one of them was seen.",
                )
            )
        return found

    def note(self, run: Run, reason: Text) -> None:
        """Tell that the constraint was not checked, or not wholly."""
        run.note(
            Text(
                f"{self.name}\u00a0: la contrainte SPARQL n’a pas pu être vérifiée\u00a0: {reason.fr}.",
                f"{self.name}: the SPARQL constraint could not be checked: {reason.en}.",
            )
        )

    def told(self, values: Mapping[str, str]) -> Text | None:
        """The message of a result, `None` where the constraint has none of its own."""
        if "message" in values:
            said = literals.text(values["message"])
            return Text(said, said)
        if not self.message.fr:
            return None
        if "{" not in self.message.fr + self.message.en:
            return self.message
        return Text(filled(self.message.fr, values), filled(self.message.en, values))


@dataclass(eq=False)
class AskConstraint(SparqlConstraint):
    """A value node for which an ASK query is not true is a breach."""

    def results(self, run: Run, values: Values) -> Iterator[Result]:
        """See `Constraint.results`."""
        if "this" in self.query.bound:
            for focus, found in values.by.items():
                yield from self._breaches(run, {focus: found}, found, {"this": focus})
        elif values.distinct:
            yield from self._breaches(run, values.by, values.distinct, {})

    def _breaches(
        self, run: Run, by: Mapping[str, Iterable[str]], nodes: Iterable[str], more: Mapping[str, str]
    ) -> Iterator[Result]:
        answers = self.answers(run, "value", nodes, more)
        if answers is None:
            return
        good = {answer.focus for answer in answers}
        for focus, found in by.items():
            for value in found:
                if value not in good:
                    told = self.told({"this": focus, "value": value, **self.constants})
                    yield Result(focus, value, self, message=told)


def filled(template: str, values: Mapping[str, str]) -> str:
    """The template with the values of its variables; one without a value stays as it is written."""
    return _VARIABLE.sub(lambda match: _plain(values[match[1]]) if match[1] in values else match[0], template)


def _plain(term: str) -> str:
    """A term inside a sentence: a literal without quotes, an IRI with its usual prefix."""
    if term.startswith("_:"):
        return term
    said = visible(" ".join(literals.text(term).split()))
    if term.startswith("<"):
        return curie(said)
    return said if len(said) <= LONGEST else said[:LONGEST].rstrip() + "…"
