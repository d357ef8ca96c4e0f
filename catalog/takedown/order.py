"""The order of a takedown: first out of sight, then out of every kept release, then out of the books, then proven."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import asdict, dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any

from catalog import dump, lock, mending, schema
from catalog.archive import Archive
from catalog.draft import Draft
from catalog.errors import StoreDamaged
from catalog.model import Description, Kind, Record
from catalog.publication import content, publish, settle, shared_graphs
from catalog.releases import Release, Releases, touch
from catalog.replica import replica
from catalog.settings import Settings
from catalog.staging import Staging
from catalog.store import open_read_only
from catalog.takedown import marks as known
from catalog.takedown import outside, purge
from catalog.takedown.bans import names
from catalog.takedown.marks import Marks
from catalog.takedown.proof import left
from catalog.takedown.subject import Subject, find
from vocab.text import Text

Say = Callable[[Text], None]


@dataclass
class Report:
    """What a takedown did. `release` is the one that it published, None where the dataset was not published any more.

    `rewritten` are the older releases that held it, `rows` counts what left the bookkeeping, `left` is what is still
    there: nothing, when all went well. It was looked for by `marks`: texts and addresses that were its alone. `common`
    names others that say a longer text of it too, `local` the local graphs that spoke of it, `beyond` is what is out of
    reach, with what to do.
    """

    slug: str
    iri: str
    reason: str
    release: int | None = None
    rewritten: list[int] = field(default_factory=list)
    rows: dict[str, int] = field(default_factory=dict)
    files: int = 0
    left: list[str] = field(default_factory=list)
    marks: int = 0
    common: list[str] = field(default_factory=list)
    local: list[str] = field(default_factory=list)
    beyond: list[Text] = field(default_factory=list)

    def plain(self) -> dict[str, Any]:
        """The same as JSON values."""
        return {**asdict(self), "beyond": [text._asdict() for text in self.beyond]}


def take_down(settings: Settings, name: str, reason: str, say: Say) -> Report:
    """Purges the dataset of this slug, IRI or identifier; goes on where an interrupted takedown stopped.

    Raises `NotFound`, `StoreLocked` while another process writes, `StoreFull` where a release does not fit twice.
    """
    folder, base = settings.store.path, settings.catalog.base
    with lock.writing(folder), dump.alone(folder, wait=True):  # half a dump would have the dataset, and come after
        Releases(folder).clean()
        with closing(schema.connect(folder)) as db:
            subject = find(db, name)
            kept = _whole(settings, subject, say)
            before = known.noted(folder, subject.slug)
            stores = [open_read_only(release.store) for release in kept]
            marks = known.merged(known.gather(db, subject, base, stores), before)
            del stores
        subject = replace(subject, shared=tuple(sorted(marks.things - {subject.iri})))
        known.note(folder, subject.slug, marks)
        report = Report(subject.slug, subject.iri, reason, marks=len(marks.terms), common=[*marks.common])
        report.local = [graph.iri for graph in _speaking(settings, marks)]
        report.release = _withdraw(settings, subject, marks, reason)
        say(Text("n’est plus publié.", "is no longer published.") if report.release else _GONE)
        _purge(settings, subject, marks, report, say)
        say(Text("tout est relu pour voir s’il en reste.", "everything is read again to see whether any is left."))
        report.left = [*_left(settings, subject, marks)]
        report.beyond = [*outside.beyond(folder, subject)]
        if not report.left:
            _done(settings, subject)
    return report


def _purge(settings: Settings, subject: Subject, marks: Marks, report: Report, say: Say) -> None:
    """Rewrites every release that may have it, then the bookkeeping, then what is kept of answers."""
    folder, releases = settings.store.path, Releases(settings.store.path)
    for release in (one for one in releases.list() if one.number >= subject.since):
        if _rewritten(settings, release, subject, marks):
            report.rewritten.append(release.number)
            say(Text(f"édition {release.number} récrite.", f"release {release.number} rewritten."))
    report.rows = purge.bookkeeping(folder, subject, marks)
    purge.manifests(folder, releases.list())
    for release in releases.list():
        touch(release)  # its manifest says something else: whoever serves it lets go of what it keeps of before
    report.files = purge.caches(folder)
    elsewhere = replica(settings)
    if elsewhere is not None:
        for release in releases.list():
            elsewhere.refill(release)


def _left(settings: Settings, subject: Subject, marks: Marks) -> Iterator[str]:
    folder, base = settings.store.path, settings.catalog.base
    yield from left(folder, base, subject, marks)
    yield from outside.set_aside(folder, subject)
    elsewhere = replica(settings)
    if elsewhere is not None:
        yield from elsewhere.left(subject.graphs(base), sorted(marks.nodes), sorted(marks.terms))


# ── older releases that are damaged ──────────────────────────────────────────────────────────────────────────────────


def _whole(settings: Settings, subject: Subject, say: Say) -> list[Release]:
    """The kept releases that may have the dataset.

    Those that are damaged are mended first, from the bookkeeping, which still has all of them.
    """
    releases, found = Releases(settings.store.path), []
    last = releases.pointer()
    for number in (n for n in releases.numbers() if n <= last):
        with _hinted(number):
            release = mending.readable(settings, number)
            if number < subject.since:
                continue
            if wrong := mending.flaw(release):
                say(_damaged(number, wrong))
                release = mending.mended(settings, release, wrong)
            found.append(release)
    return found


def _rewritten(settings: Settings, release: Release, subject: Subject, marks: Marks) -> bool:
    """`purge.store`; a store that turns out to be damaged while it is read is mended, and read again."""
    base = settings.catalog.base
    try:
        return purge.store(release, subject, marks, base)
    except StoreDamaged as e:
        with _hinted(release.number):
            return purge.store(mending.mended(settings, release, str(e)), subject, marks, base)


@contextmanager
def _hinted(number: int) -> Iterator[None]:
    try:
        yield
    except StoreDamaged as e:
        raise StoreDamaged(
            f"release {number} is damaged and cannot be made anew ({e.message})",
            what=e.what,
            hint="The dataset is not out of it yet. Run `garonne doctor --repair` and do what it says; then run this "
            "again: it goes on where it stopped.",
            french=f"l’édition {number} est endommagée et ne peut pas être refaite ({e.message})",
            french_hint="Le jeu de données n’en est pas encore sorti. Lancez «\u00a0garonne doctor --repair\u00a0» et "
            "faites ce qu’il dit, puis relancez cette commande\u00a0: elle reprend où elle s’est arrêtée.",
        ) from e


def _damaged(number: int, wrong: str) -> Text:
    return Text(
        f"l’édition {number} est endommagée ({wrong})\u00a0; elle est d’abord refaite.",
        f"release {number} is damaged ({wrong}); it is made anew first.",
    )


_GONE = Text("n’était déjà plus publié.", "was no longer published before.")


def _speaking(settings: Settings, marks: Marks) -> list[Description]:
    """The local graphs of the current release that speak of the dataset."""
    folder = settings.store.path
    view = Archive(folder).at(Releases(folder).pointer())
    return [graph for graph in view.all(Kind.LOCAL) if len(marks.without(graph.triples)) < len(graph.triples)]


def _withdraw(settings: Settings, subject: Subject, marks: Marks, reason: str) -> int | None:
    """Bans the record, and publishes a release without the dataset where the current one has it, or speaks of it."""
    current = mending.sound(settings)
    if current is None:
        return None
    at = max(datetime.now(UTC).replace(microsecond=0), current.manifest.published + timedelta(seconds=1))
    draft = Draft(settings.store.path, current.number + 1, at, settings.catalog.base)
    staging = Staging(settings.store.path, current)
    try:
        _ban(draft, subject, reason)
        live = draft.db.execute("SELECT 1 FROM descriptions WHERE iri = ? AND until IS NULL", (subject.iri,)).fetchone()
        spoken = _speaking(settings, marks)
        if live is None and not spoken:
            return None
        if live is not None:
            draft.withdraw(subject.slug)
            draft.forget(subject.source, subject.record)
            for graph in subject.graphs(settings.catalog.base):
                staging.workspace.replace(graph, [], merged="/record/" in graph)
        for local in spoken:
            _write_local(draft, staging, local, marks)
        settle(settings, draft)
        said = content(draft)
        shared_graphs(settings, draft, staging.workspace)
        staging.sync()
        return publish(settings, draft, staging, run=None, said=said, reason=f"takedown {subject.slug}").number
    finally:
        draft.close()
        staging.close()


def _write_local(draft: Draft, staging: Staging, graph: Description, marks: Marks) -> None:
    """A local graph without what it says of the dataset; it goes where it says nothing else."""
    made = Description.of(graph.iri, graph.kind, graph.slug, marks.without(graph.triples))
    staging.workspace.replace(graph.iri, made.triples, merged=False)
    if made.triples:
        draft.put_local(made)
    else:
        draft.drop_local(graph.iri)


def _ban(draft: Draft, subject: Subject, reason: str) -> None:
    """Enters, for good, the names by which the record would come again: its own, and those of its copies elsewhere."""
    db = draft.db
    copies = "SELECT DISTINCT source, id FROM records WHERE slug = ?"
    own = {(subject.source, subject.record), *((r["source"], r["id"]) for r in db.execute(copies, (subject.slug,)))}
    found = {("iri", subject.iri)}
    for source, record in own:
        claims = db.execute("SELECT DISTINCT claim FROM claims WHERE source = ? AND id = ?", (source, record))
        uid = db.execute("SELECT uid FROM slugs WHERE source = ? AND record = ?", (source, record)).fetchone()
        told = Record(
            source, record, b"", None, "", uid=uid["uid"] if uid else None, claims=tuple(c[0] for c in claims)
        )
        found.update(names(told))
    draft.commit()
    draft.db.execute("BEGIN IMMEDIATE")
    draft.db.execute(
        "INSERT INTO takedowns VALUES (?, ?, ?, 0) ON CONFLICT (slug) DO UPDATE SET done = 0",
        (subject.slug, datetime.now(UTC).isoformat("T", "seconds"), reason),
    )
    rows = [(*name, subject.slug) for name in sorted(found)]
    draft.db.executemany("INSERT OR IGNORE INTO banned VALUES (?, ?, ?)", rows)
    draft.commit(durable=True)


def _done(settings: Settings, subject: Subject) -> None:
    with closing(schema.connect(settings.store.path, write=True)) as db:
        db.execute("UPDATE takedowns SET done = 1 WHERE slug = ?", (subject.slug,))
    known.forget(settings.store.path, subject.slug)
