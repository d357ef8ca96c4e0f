"""The description of one dataset while the rules write it."""

from __future__ import annotations

from dataclasses import dataclass, field

from catalog.model import Description, Identity
from harvest.mapping.context import Agent, Context
from harvest.mapping.statements import Statements, Term, below, iri, node, text
from vocab.namespaces import SKOS

NOTE = node(SKOS.editorialNote)


@dataclass
class Draft:
    """What the rules write to, and the facts that earlier rules leave for later ones.

    `tag` is the language of the record's texts, `zone` that of its dates, `name` the title as published; `licence`,
    `rights` and `processed` are what distributions repeat, `exports` the formats offered; `hvd` says whether the
    dataset is of high value, `categories` its most granular HVD categories, `standard` whether it declares a standard
    of its own; `body` is the publisher's entry in the register.
    """

    identity: Identity
    context: Context
    portal: str
    dataset: Term = ""
    record: Term = ""
    statements: Statements = field(default_factory=Statements)
    others: dict[str, Description] = field(default_factory=dict)
    tag: str = "fr"
    zone: str = ""
    name: str = ""
    licence: Term = ""
    rights: Term = ""
    access: Term = ""
    processed: Term = ""
    hvd: bool = False
    categories: tuple[Term, ...] = ()
    standard: bool = False
    publisher: Term = ""
    publisher_name: str = ""
    body: Agent | None = None
    contact: Term = ""
    exports: set[str] = field(default_factory=set)

    def __post_init__(self) -> None:
        self.dataset = iri(self.identity.iri)
        self.record = iri(self.identity.record_iri)
        self.zone = self.context.timezone

    def add(self, predicate: Term, value: Term) -> None:
        """A statement about the dataset."""
        self.statements.add(self.dataset, predicate, value)

    def below(self, *path: str) -> Term:
        """The IRI of a thing that belongs to the dataset."""
        return below(self.identity.iri, *path)

    def mention(self, other: Description) -> Term:
        """Takes an agent, concept or service along; returns its IRI."""
        self.others[other.iri] = other
        return iri(other.iri)

    def default(self, key: str, shown: str) -> str:
        """The operator's default for a property that the record does not fill, marked as such on its record."""
        value = self.context.defaults.get(key, "")
        if value:
            self.statements.add(self.record, NOTE, text(f"{shown} : valeur par défaut de la source", "fr"))
            self.statements.add(self.record, NOTE, text(f"{shown}: default of the source", "en"))
        return value
