"""The order of a takedown: first out of sight, then out of every kept release, then out of the books, then proven."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import closing
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from catalog import dump, lock, mending, schema
from catalog.draft import Draft
from catalog.model import Record
from catalog.publication import content, publish, settle, shared_graphs
from catalog.releases import Releases, touch
from catalog.replica import replica
from catalog.settings import Settings
from catalog.staging import Staging
from catalog.takedown import purge
from catalog.takedown.bans import names
from catalog.takedown.proof import left
from catalog.takedown.subject import Subject, find, texts
from vocab.text import Text

Say = Callable[[Text], None]


@dataclass
class Report:
    """What a takedown did. `release` is the one that it published, None where the dataset was not published any more.

    `rewritten` are the older releases that held it, `rows` counts what left the bookkeeping, `left` is what is still
    there: nothing, when all went well.
    """

    slug: str
    iri: str
    reason: str
    release: int | None = None
    rewritten: list[int] = field(default_factory=list)
    rows: dict[str, int] = field(default_factory=dict)
    files: int = 0
    left: list[str] = field(default_factory=list)

    def plain(self) -> dict[str, Any]:
        """The same as JSON values."""
        return asdict(self)


def take_down(settings: Settings, name: str, reason: str, say: Say) -> Report:
    """Purges the dataset of this slug, IRI or identifier; goes on where an interrupted takedown stopped.

    Raises `NotFound`, `StoreLocked` while another process writes, `StoreFull` where a release does not fit twice.
    """
    folder = settings.store.path
    elsewhere = replica(settings)
    with lock.writing(folder), dump.alone(folder, wait=True):  # half a dump would have the dataset, and come after
        releases = Releases(folder)
        releases.clean()
        with closing(schema.connect(folder)) as db:
            subject = find(db, name)
            own = texts(db, subject)
        report = Report(subject.slug, subject.iri, reason)
        report.release = _withdraw(settings, subject, reason)
        say(Text("n’est plus publié.", "is no longer published.") if report.release else _GONE)
        base = settings.catalog.base
        for release in (kept for kept in releases.list() if kept.number >= subject.since):
            if purge.store(release, subject, base):
                report.rewritten.append(release.number)
                say(Text(f"édition {release.number} récrite.", f"release {release.number} rewritten."))
        report.rows = purge.bookkeeping(folder, subject)
        purge.manifests(folder, releases.list())
        for release in releases.list():
            touch(release)  # its manifest says something else: whoever serves it lets go of what it keeps of before
        report.files = purge.caches(folder)
        if elsewhere is not None:
            for release in releases.list():
                elsewhere.refill(release)
        say(Text("tout est relu pour voir s’il en reste.", "everything is read again to see whether any is left."))
        report.left = [*left(folder, base, subject, own)]
        if elsewhere is not None:
            report.left += elsewhere.left(subject.graphs(base), (subject.iri, *subject.shared))
        if not report.left:
            _done(settings, subject)
    return report


_GONE = Text("n’était déjà plus publié.", "was no longer published before.")


def _withdraw(settings: Settings, subject: Subject, reason: str) -> int | None:
    """Bans the record, and publishes a release without the dataset where one has it."""
    current = mending.sound(settings)
    if current is None:
        return None
    at = max(datetime.now(UTC).replace(microsecond=0), current.manifest.published + timedelta(seconds=1))
    draft = Draft(settings.store.path, current.number + 1, at, settings.catalog.base)
    staging = Staging(settings.store.path, current)
    try:
        _ban(draft, subject, reason)
        live = draft.db.execute("SELECT 1 FROM descriptions WHERE iri = ? AND until IS NULL", (subject.iri,)).fetchone()
        if live is None:
            return None
        draft.withdraw(subject.slug)
        draft.forget(subject.source, subject.record)
        for graph in subject.graphs(settings.catalog.base):
            staging.workspace.replace(graph, [], merged="/record/" in graph)
        settle(settings, draft)
        said = content(draft)
        shared_graphs(settings, draft, staging.workspace)
        staging.sync()
        return publish(settings, draft, staging, run=None, said=said, reason=f"takedown {subject.slug}").number
    finally:
        draft.close()
        staging.close()


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
