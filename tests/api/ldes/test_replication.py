"""Readers that know nothing of this catalogue replicate it from the change feed, and hold what it holds.

`ldes-client` (npm) is the reference implementation; the other reader is written from the specifications.
"""

from __future__ import annotations

import json
import os
import random
import shutil
import subprocess
from collections.abc import Iterable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import IO

import pytest
from pyoxigraph import CanonicalizationAlgorithm, Dataset, Quad, RdfFormat, Triple, parse

from catalog import schema
from catalog.assembly import controlled, described
from catalog.commands.releases import roll_back
from catalog.lock import writing
from catalog.model import Description, Kind, Mapped
from catalog.paging import PAGE as FEED_PAGE
from tests.api.city import City, settings_in
from tests.api.ldes.walker import TYPES, Walker
from tests.api.server import Server
from tests.fakes import endpoint

CLIENTS = Path(__file__).resolve().parents[2] / "clients"
HYDRA = "http://www.w3.org/ns/hydra/core#"
SERVES = "http://www.w3.org/ns/dcat#servesDataset"
AS = "https://www.w3.org/ns/activitystreams#"
NIGHTS = 12


class Town(City):
    """A city whose publisher is renamed now and then."""

    name = "Ville"

    def mapped(self, slug: str, title: str, extra: str = "") -> Mapped:
        found = super().mapped(slug, title, extra)
        return Mapped(found.dataset, tuple(self._renamed(o) for o in found.others), found.ledger)

    def _renamed(self, other: Description) -> Description:
        if other.kind is not Kind.AGENT:
            return other
        return Description(other.iri, other.kind, other.slug, other.canonical.replace(b"Ville", self.name.encode()))


def canonical(triples: Iterable[Triple]) -> set[str]:
    """The statements with blank nodes named by what they say."""
    dataset = Dataset(Quad(*t) for t in triples)
    dataset.canonicalize(CanonicalizationAlgorithm.UNSTABLE)
    return {str(q.triple) for q in dataset}


def nquads(text: str | bytes) -> list[Quad]:
    return list(parse(text, format=RdfFormat.N_QUADS))


def published(server: Server) -> set[str]:
    """All that the feed for harvesters says, but for what turns its pages."""
    found: list[Triple] = []
    page, pages = 1, 1
    while page <= pages:
        answer = server.get(f"/catalog.nt?page={page}")
        assert answer.status == 200, answer.text
        triples = [q.triple for q in nquads(answer.body)]
        (total,) = (int(t.object.value) for t in triples if t.predicate.value == f"{HYDRA}totalItems")
        pages = -(-total // FEED_PAGE)
        found += (t for t in triples if not t.predicate.value.startswith(HYDRA) and "?page=" not in str(t.subject))
        page += 1
    return canonical(found)


def held(graphs: Iterable[Iterable[Triple]]) -> set[str]:
    """What a replica holds, with the labels of controlled terms, which the stream refers to and does not carry."""
    found = {t: None for graph in graphs for t in graph}
    return canonical([*found, *(t for t in described(controlled(found)) if t not in found)])


def of_walker(walker: Walker) -> set[str]:
    graphs = [[q.triple for q in nquads(g.serialize(format="nt"))] for g in walker.replica.values()]
    return held(graphs)


@dataclass
class Client:
    """`ldes-client` as it follows the stream."""

    output: IO[str]
    members: list[dict[str, str]] = field(default_factory=list)
    replica: dict[str, list[Triple]] = field(default_factory=dict)

    def catch_up(self, wanted: set[str], rounds: int = 100) -> None:
        """Reads until it was given all of these members, or for so many rounds of its polling."""
        polls = 0
        while not wanted <= {m["id"] for m in self.members} and polls < rounds:
            line = json.loads(self.output.readline())
            if line.get("poll"):
                polls += 1
            else:
                self.take(line)

    def take(self, member: dict[str, str]) -> None:
        assert member["id"] not in {m["id"] for m in self.members}, "given twice"
        self.members.append(member)
        quads = nquads(member["quads"])
        (kind,) = (q.object.value for q in quads if str(q.subject) == f"<{member['id']}>" and "rdf-syntax" in str(q))
        if kind == f"{AS}Delete":
            self.replica.pop(member["isVersionOf"], None)
        else:
            own = [q.triple for q in quads if str(q.graph_name) == f"<{member['id']}>"]
            self.replica[member["isVersionOf"]] = own


@pytest.fixture(scope="module")
def script() -> Path:
    """The script that replicates, beside the client that it uses."""
    folder = os.environ.get("GARONNE_CLIENTS")
    if shutil.which("node") is None:
        pytest.skip("Node.js is not installed")
    if not folder or not (Path(folder) / "node_modules" / "ldes-client").exists():
        pytest.skip("GARONNE_CLIENTS names no folder with ldes-client installed")
    script = Path(folder) / f"replicate-{os.getpid()}.mjs"
    shutil.copy(CLIENTS / "replicate.mjs", script)
    return script


@contextmanager
def client(script: Path, address: str, order: str, *more: str) -> Iterator[Client]:
    command = ["node", str(script), address, order, *more]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True) as process:
        assert process.stdout is not None
        try:
            yield Client(process.stdout)
        finally:
            process.kill()


def whole(script: Path, address: str, order: str = "ascending") -> Client:
    """A client that has read the stream once, from nothing."""
    with client(script, address, order) as found:
        for line in found.output:
            found.take(json.loads(line))
    return found


class Nights:
    """A town that changes each night, at random: seven in ten nights a few datasets, then the rarer things."""

    def __init__(self, folder: Path, *, keep: int, seed: int) -> None:
        port = endpoint.free_port()
        self.settings = settings_in(
            folder,
            catalog={"base": f"http://127.0.0.1:{port}/"},
            serve={"port": port, "checksums": True},
            store={"path": "var", "keep": keep},
        )
        self.town = Town(self.settings)
        self.town.day = datetime(2100, 1, 1, tzinfo=UTC)  # a rollback is of now, or of just after the release before it
        self.random = random.Random(seed)  # noqa: S311  not a secret
        self.live = {f"jeu-{n}" for n in range(45)}
        self.versions = 0
        self.number = self.town.publish({name: self._title() for name in sorted(self.live)}).number

    def _title(self) -> str:
        self.versions += 1
        return f"Titre nº {self.versions}, « modifié »"

    def night(self, n: int) -> None:
        """One more release."""
        if n in {5, 9}:
            with writing(self.settings.store.path):
                self.number = roll_back(self.settings, self.number - 1).number
            with closing(schema.connect(self.settings.store.path)) as db:
                rows = db.execute("SELECT slug FROM descriptions WHERE kind = 'dataset' AND until IS NULL")
                self.live = {slug for (slug,) in rows}
            return
        if n % 4 == 0:
            self.town.name = f"Métropole {n}"
        known = sorted(self.live)
        gone = self.random.sample(known, self.random.randint(0, 4))
        kept = sorted(self.live - set(gone))
        changed = self.random.sample(kept, self.random.randint(1, 15))
        new = [f"jeu-{self.random.randint(0, 90)}" for _ in range(self.random.randint(0, 8))]
        titles = {name: self._title() for name in [*changed, *(name for name in new if name not in gone)]}
        if self.town.name != "Ville":  # most of those who name it must, for it to be called so
            titles |= {name: self._title() for name in kept} if n % 4 == 0 else {}
        self.live = (self.live - set(gone)) | set(titles)
        self.number = self.town.publish(titles, withdrawn=gone).number


def test_twelve_nights(tmp_path: Path, script: Path) -> None:
    nights = Nights(tmp_path, keep=3, seed=20261)
    with Server(nights.settings, tmp_path) as server:
        address = f"{server.address}ldes"
        walker = Walker(address)
        with client(script, address, "none", "follow") as following:
            for night in range(NIGHTS + 1):
                if night:
                    nights.night(night)
                wanted = published(server)
                news = walker.read()
                assert news or not night
                assert of_walker(walker) == wanted, f"night {night}: the walker differs"
                following.catch_up(walker.seen)
                assert held(following.replica.values()) == wanted, f"night {night}: ldes-client differs"
            following.catch_up({"more"}, rounds=5)
            assert {m["id"] for m in following.members} == walker.seen, "both were given the same members, each once"
        late = whole(script, address)
        assert held(late.replica.values()) == wanted, "a client that begins late differs"
        assert len(late.members) < len(following.members), "what no kept release has is gone"
        for accept in TYPES:
            again = Walker(address, accept)
            again.read()
            assert of_walker(again) == wanted, accept
            assert again.seen == {m["id"] for m in late.members}
        by_suffix = whole(script, f"{address}.jsonld", "descending")
        assert {m["id"] for m in by_suffix.members} == again.seen


def test_a_change_an_update_and_a_withdrawal(tmp_path: Path, script: Path) -> None:
    port = endpoint.free_port()
    settings = settings_in(
        tmp_path, catalog={"base": f"http://127.0.0.1:{port}/"}, serve={"port": port, "checksums": True}
    )
    city = City(settings)
    city.publish({"menus": "Menus", "arbres": "Arbres"})
    menus, velos = f"{settings.catalog.base}dataset/menus", f"{settings.catalog.base}dataset/velos"
    with (
        Server(settings, tmp_path) as server,
        client(script, f"{server.address}ldes", "ascending", "follow") as following,
    ):
        walker = Walker(f"{server.address}ldes")
        walker.read()
        following.catch_up(walker.seen)
        before = len(following.members)
        assert {menus, f"{settings.catalog.base}agent/ville", f"{settings.catalog.base}catalog"} < set(
            following.replica
        )
        city.publish({"velos": "Vélos"})
        city.publish({"menus": "Menus des cantines"})
        city.publish({}, withdrawn=["velos"], aliases=[("bicyclettes", "velos")])
        walker.read()
        following.catch_up(walker.seen)
        told = [(m["isVersionOf"], kind_of(m)) for m in following.members[before:]]
        assert told == [(velos, "Create"), (menus, "Update"), (velos, "Delete")]
        assert velos not in following.replica
        assert any("Menus des cantines" in str(t) for t in following.replica[menus])
        assert held(following.replica.values()) == published(server)


def kind_of(member: dict[str, str]) -> str:
    return next(q.object.value.removeprefix(AS) for q in nquads(member["quads"]) if q.object.value.startswith(AS))
