"""The named queries: examples and reports, kept as data (`sh:SPARQLExecutable`) beside this module.

Each file holds the queries of one group of users. Names are relative to `{base}query/`.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from importlib.resources import files

from pyoxigraph import Literal, NamedNode, RdfFormat, Triple, parse

from vocab.namespaces import DCT, RDFS, SH
from vocab.text import Text

GROUPS = ("researcher", "portal", "manager", "reporting")
"""The groups of users, in the order in which their queries are shown; a file each."""

_FORMS = {"select": SH["select"], "construct": SH["construct"], "ask": SH["ask"]}


@dataclass(frozen=True, slots=True)
class NamedQuery:
    """One query with its name, group, titles and text; `form` is select, construct or ask."""

    name: str
    group: str
    title: Text
    form: str
    text: str


def triples(base: str) -> Iterator[Triple]:
    """Every statement about queries and groups, below this base."""
    for name in ("groups", *GROUPS):
        data = files(__package__).joinpath(f"{name}.ttl").read_bytes()
        for quad in parse(data, format=RdfFormat.TURTLE, base_iri=f"{base}query/"):
            yield quad.triple


def named_queries(base: str) -> dict[str, NamedQuery]:
    """The queries by name, in the order of the files."""
    found = list(triples(base))
    titles = _texts(found)
    order = {
        t.subject: t.object.value for t in found if t.predicate == DCT.audience and isinstance(t.object, NamedNode)
    }
    queries = {}
    for t in found:
        for form, predicate in _FORMS.items():
            if t.predicate == predicate and isinstance(t.subject, NamedNode) and isinstance(t.object, Literal):
                name = t.subject.value.removeprefix(f"{base}query/")
                group = order[t.subject].rpartition("/")[2]
                queries[name] = NamedQuery(name, group, titles[t.subject], form, t.object.value)
    return queries


def groups(base: str) -> dict[str, Text]:
    """What each group of users is called, in the order in which they are shown."""
    titles = _texts(triples(base))
    return {name: titles[NamedNode(f"{base}query/group/{name}")] for name in GROUPS}


def _texts(found: list[Triple] | Iterator[Triple]) -> dict[object, Text]:
    labels: dict[object, dict[str, str]] = {}
    for t in found:
        if t.predicate == RDFS.label and isinstance(t.object, Literal):
            labels.setdefault(t.subject, {})[t.object.language or ""] = t.object.value
    return {subject: Text(said["fr"], said["en"]) for subject, said in labels.items()}
