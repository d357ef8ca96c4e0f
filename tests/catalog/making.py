"""Small descriptions, records and releases that several tests here need."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

from pyoxigraph import Literal, NamedNode, Triple

from catalog.draft import Draft
from catalog.identifiers import Minter
from catalog.intake import Intake
from catalog.model import Description, Identity, Kind, Ledger, Mapped, Outcome, Record
from catalog.publication import publish, settle, shared_graphs
from catalog.releases import Release, Releases
from catalog.settings import Settings, build
from catalog.staging import Staging
from catalog.store import Workspace
from vocab.namespaces import DCAT, DCT, FOAF, RDF

BASE = "https://data.example.org/"
MINT = Minter(BASE)
START = datetime(2026, 1, 1, 3, tzinfo=UTC)


def settings(folder: Path, **tables: dict[str, object]) -> Settings:
    """Settings with the store in this folder."""
    store = {"path": str(folder), **tables.pop("store", {})}
    return build({"catalog": {"base": BASE}, "store": store, **tables}, folder=folder, env={})


def at(release: int) -> datetime:
    """The time of a release."""
    return START + timedelta(days=release)


def draft(folder: Path, number: int) -> Draft:
    """The draft of a release."""
    return Draft(folder, number, at(number), BASE)


def record(name: str, *, source: str = "ods", uid: str | None = None, text: str = "") -> Record:
    """A record of a source."""
    return Record(source, name, text.encode(), {"id": name, "text": text}, f"hash of {name} {text}", None, uid)


def template(source: str = "ods") -> str:
    """An identifier template, as the settings give it."""
    return f"{source}:{{}}"


def identity(making: Draft, given: Record, seen: set[str] | None = None) -> Identity:
    """The identity that the draft gives a record."""
    return making.identity(given, template(given.source).format, seen or set())


def agent(slug: str, name: str) -> Description:
    """An agent that is called so."""
    node = NamedNode(f"{BASE}agent/{slug}")
    return Description.of(
        node.value, Kind.AGENT, slug, [Triple(node, RDF.type, FOAF.Agent), Triple(node, FOAF.name, Literal(name))]
    )


def mapped(who: Identity, title: str, *agents: Description, extra: tuple[Triple, ...] = ()) -> Mapped:
    """A dataset with this title, published by these agents."""
    node = NamedNode(who.iri)
    found = [
        Triple(node, RDF.type, DCAT.Dataset),
        Triple(node, DCT.title, Literal(title, language="fr")),
        Triple(node, DCT.identifier, Literal(who.identifier)),
        *(Triple(node, DCT.publisher, NamedNode(a.iri)) for a in agents),
        *extra,
    ]
    return Mapped(Description.of(who.iri, Kind.DATASET, who.slug, found), agents, Ledger())


def enter(
    making: Draft,
    given: Record,
    title: str,
    *agents: Description,
    seen: set[str] | None = None,
    extra: tuple[Triple, ...] = (),
) -> Description:
    """What the pipeline does with a record that is new or has changed; returns the description."""
    known = making.known(given.source, given.id)
    who = identity(making, given, seen)
    known = known or making.known_by_slug(who.slug)
    made = mapped(who, title, *agents, extra=extra)
    if known is not None and known.content == made.dataset.hash:
        making.mention(who.iri, made.others, given.source)
        outcome, final = Outcome.UNCHANGED, making.standing(who.iri)
    else:
        outcome = Outcome.UPDATED if known and known.content else Outcome.CREATED
        final = making.put_dataset(made, given.source, who, known)
    making.put_record(given, slug=who.slug, fingerprint="f", outcome=outcome, ledger=made.ledger)
    return final


def release(
    folder: Path,
    titles: dict[str, str],
    *,
    gone: tuple[str, ...] = (),
    keep: int = 10,
    engine: dict[str, object] | None = None,
    extra: tuple[Triple, ...] = (),
) -> Release:
    """Publishes the next release: the datasets in `titles` are entered, those in `gone` withdrawn.

    `engine` are settings of a remote one; `extra` are statements that each dataset makes beside its own.
    """
    config = settings(folder, store={"keep": keep, **(engine or {})})
    releases = Releases(folder)
    releases.clean()
    current = releases.current()
    making = draft(folder, current.number + 1 if current else 1)
    staging = Staging(folder, current)
    try:
        for name, title in titles.items():
            final = enter(making, record(name, text=title), title, agent("ville", "Ville"), extra=extra)
            staging.workspace.replace(MINT.record(name), final.triples)
        for name in gone:
            making.withdraw(name)
            making.forget("ods", name)
            staging.workspace.replace(MINT.record(name), [])
        settle(config, making)
        shared_graphs(config, making, staging.workspace)
        return publish(config, making, staging, run=None, clock=lambda: datetime.fromisoformat(making.at))
    finally:
        making.close()
        staging.close()


def load(workspace: Workspace, graph: str, triples: bytes, *, merged: bool = True) -> None:
    """Loads N-Triples as a harvest does: into their named graph and, when `merged`, into the default graph."""
    intake = Intake(workspace.path.parent)
    intake.add(triples, graph, merged=merged)
    for spool in intake.full():
        workspace.take(spool)
