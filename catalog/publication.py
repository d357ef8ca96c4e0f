"""From a finished draft to the current release."""

from __future__ import annotations

import json
import logging
from collections.abc import Callable, Iterable
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from pyoxigraph import Literal, NamedNode, Triple

from catalog import paging
from catalog.assembly import catalogue_triples, described, publisher_iri, service_links
from catalog.changes import Clock, confirm_release, enter_release, utc_now
from catalog.draft import Draft
from catalog.errors import GaronneError, StoreError
from catalog.history import prune, touched
from catalog.identifiers import Minter, slugify
from catalog.model import Description, Kind
from catalog.releases import Manifest, Release, Releases
from catalog.replica import ABOUT, PENDING, Replica, replica
from catalog.settings import Settings
from catalog.staging import Staging
from catalog.store import Workspace
from catalog.tally import Tally
from vocab.describe import vocabulary_graphs
from vocab.namespaces import DCT, FOAF, RDF
from vocab.terms import TABLES, table, term

log = logging.getLogger("garonne.publication")


def settle(settings: Settings, draft: Draft) -> None:
    """Decides what the release says of the catalogue itself, and of agents, concepts and services."""
    iri = Minter(settings.catalog.base).catalog
    catalogue = Description.of(iri, Kind.CATALOG, "catalog", catalogue_triples(settings))
    draft.mention(iri, [catalogue, publisher_description(settings)], "")
    draft.settle()


def publisher_description(settings: Settings) -> Description:
    """The catalogue's own publisher, from the settings."""
    given = settings.catalog.publisher
    node = NamedNode(publisher_iri(settings))
    name = Literal(given.get("name", ""), language=settings.catalog.languages[0])
    found = [Triple(node, RDF.type, FOAF.Agent), Triple(node, FOAF.name, name)]
    kind = table("publisher-type").find(given["type"]) if given.get("type") else None
    if kind is not None:
        found.append(Triple(node, DCT.type, NamedNode(kind.iri)))
    if given.get("homepage"):
        page = NamedNode(given["homepage"])
        found += [Triple(node, FOAF.homepage, page), Triple(page, RDF.type, FOAF.Document)]
    if given.get("email"):
        found.append(Triple(node, FOAF.mbox, NamedNode(f"mailto:{given['email']}")))
    if given.get("siret"):
        found.append(Triple(node, DCT.identifier, Literal(given["siret"])))
    return Description.of(node.value, Kind.AGENT, slugify(given.get("name", "")), found)


def shared_graphs(settings: Settings, draft: Draft, workspace: Workspace) -> None:
    """Brings the graphs that no single dataset owns up to date: catalogue, agents, concepts, labels, vocabularies."""
    state_shared(settings, draft.shared, workspace)


def state_shared(settings: Settings, said: Callable[[Kind], Iterable[Description]], workspace: Workspace) -> None:
    """The same where `said` has what is said of the things of a kind."""
    minter = Minter(settings.catalog.base)
    shared = {
        kind: [t for d in said(kind) for t in d.triples] for kind in Kind if kind not in {Kind.DATASET, Kind.LOCAL}
    }
    offered = service_links(settings.catalog.base, said(Kind.SERVICE))
    workspace.replace(minter.graph("catalog"), [*shared[Kind.CATALOG], *shared[Kind.SERVICE], *offered])
    workspace.replace(minter.graph("agents"), shared[Kind.AGENT])
    workspace.replace(minter.graph("concepts"), shared[Kind.CONCEPT])
    workspace.replace(minter.graph("vocabulary"), labels_in_use(workspace))
    for graph, triples in vocabulary_graphs():
        if not workspace.has_graph(graph):
            workspace.replace(graph, triples, merged=False)


def labels_in_use(workspace: Workspace) -> list[Triple]:
    """Types and labels of the controlled terms that descriptions name, and of those which these terms name.

    Asking the store for every term there is takes less time than looking for terms in every description.
    """
    everything = (one.iri for name in TABLES for one in table(name))
    wanted = [iri for iri in everything if any(term(s) is None for s in workspace.naming(iri))]
    return described(wanted)


@dataclass(frozen=True)
class Content:
    """What a settled draft will say, worked out while nothing waits for it."""

    tally: Tally
    events: dict[str, int]


def content(draft: Draft, tally: Tally | None = None) -> Content:
    """Tally and events of a settled draft, whose pages are entered; its `tally` where the caller knows it."""
    paging.store(draft)
    return Content(tally or draft.tally(), draft.record_events())


def publish(
    settings: Settings,
    draft: Draft,
    staging: Staging,
    *,
    run: int | None,
    said: Content | None = None,
    reason: str = "",
    clock: Clock = utc_now,
) -> Release:
    """Makes the draft the current release: durable first, then visible, by one atomic swap. Prunes old releases.

    `said` is the content of the draft where the caller has worked it out already. By `clock` it is entered when the
    release became visible.
    """
    said = said or content(draft)
    releases = Releases(settings.store.path)
    manifest = Manifest(
        number=draft.number,
        published=datetime.fromisoformat(draft.at),
        datasets=said.tally.counts[Kind.DATASET],
        quads=staging.workspace.size(),
        fingerprint=said.tally.fingerprint,
        total=said.tally.encoded,
        run=run,
        reason=reason,
        counts=dict(said.tally.counts),
        events=said.events,
    )
    snapshot = staging.snapshot()
    enter_release(draft, clock)
    draft.commit(durable=True)
    elsewhere = replica(settings)
    release = releases.publish(manifest, snapshot, _sent(elsewhere, releases, draft, snapshot) if elsewhere else {})
    with suppress(StoreError, OSError):  # the time that was entered stands
        confirm_release(draft, clock)
    with suppress(StoreError, OSError):  # it is published; what could not be removed goes with the next one
        prune(draft, releases.prune(settings.store.keep))
    if elsewhere:
        try:
            elsewhere.finish(release)
            elsewhere.clean()
        except GaronneError as e:  # it is published; whoever runs next goes on with it
            log.warning("the named graphs of release %d are not all on the engine: %s", release.number, e)
    return release


def _sent(elsewhere: Replica, releases: Releases, draft: Draft, snapshot: Path) -> dict[str, str]:
    """Brings a release to its engine before anybody is sent there; the files that say where it is."""
    elsewhere.recover()
    current = releases.current()
    changed = elsewhere.changed(current, snapshot, touched(draft))
    place = elsewhere.build(draft.number, current, snapshot, changed)
    return {ABOUT: place.encoded(), PENDING: json.dumps(changed)}
