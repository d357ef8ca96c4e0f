"""Earlier releases in the bookkeeping: stating one of them again, and dropping what no kept release shows."""

from __future__ import annotations

import json

from catalog import schema
from catalog.draft import Draft
from catalog.errors import NotFound, StoreDamaged
from catalog.model import Kind
from catalog.releases import Releases
from catalog.runs import told

_HAD_AGAIN = """
 AND EXISTS (SELECT 1 FROM facets f WHERE f.dataset = facets.dataset AND f.facet = facets.facet
     AND f.value = facets.value AND f.since >= facets.until AND f.since <= ?1)
"""
"""Which ended rows of `facets` were followed by another of the same value, for every release that is kept."""


def restore(draft: Draft, release: int) -> None:
    """Makes a draft equal to an earlier release: closes what came since, states again what went since."""
    draft.commit()
    then = "since <= :then AND (until IS NULL OR until > :then)"
    values = {"then": release, "new": draft.number}
    draft.db.execute("BEGIN IMMEDIATE")
    for table in schema.VERSIONED:
        columns = [r["name"] for r in draft.db.execute(f"PRAGMA table_info({table})")]
        kept = ", ".join(columns[:-2])
        draft.db.execute(f"UPDATE {table} SET until = :new WHERE until IS NULL AND NOT ({then})", values)  # noqa: S608
        draft.db.execute(
            f"INSERT INTO {table} SELECT {kept}, :new, NULL FROM {table}"  # noqa: S608  constant names
            f" WHERE {then} AND until IS NOT NULL AND until <= :new AND since < :new",
            values,
        )
    _restore_names(draft, release)
    draft.commit()


def _restore_names(draft: Draft, release: int) -> None:
    """Records that were renamed since are called as they were then, as far as the name is free; aliases stay.

    Else the entry of the record under its old name, which was just stated again, would be nobody's. The next harvest
    finds the new name as it did the first time.
    """
    renames = draft.db.execute(
        "SELECT slug, before FROM renames WHERE since > ? AND since < ? AND source IS NULL ORDER BY rowid DESC",
        (release, draft.number),
    ).fetchall()
    for slug, before in {r["slug"]: r["before"] for r in renames}.items():  # the earliest, which comes last, counts
        (now,) = draft.db.execute("SELECT record FROM slugs WHERE slug = ?", (slug,)).fetchone()
        taken = "SELECT 1 FROM slugs s WHERE record = ? AND source = (SELECT source FROM slugs WHERE slug = ?)"
        if now != before and draft.db.execute(taken, (before, slug)).fetchone() is None:
            draft.write("INSERT INTO renames VALUES (?, ?, ?, ?, NULL)", slug, now, before, draft.number)
            draft.write("UPDATE slugs SET record = ? WHERE slug = ?", before, slug)


def prune(draft: Draft, oldest: int) -> None:
    """Drops what only releases before `oldest` could show.

    Activities, titles, changes and slugs stay for ever, and so does when a dataset last lost a facet value, by being
    withdrawn or otherwise: whoever follows one set of the catalogue is told that it is gone from there.
    """
    draft.commit()
    draft.db.execute("BEGIN IMMEDIATE")
    for table in schema.VERSIONED:
        only = _HAD_AGAIN if table == "facets" else ""
        draft.db.execute(f"DELETE FROM {table} WHERE until IS NOT NULL AND until <= ?1{only}", (oldest,))  # noqa: S608
    draft.db.execute("DELETE FROM candidates WHERE hash NOT IN (SELECT hash FROM mentions)")
    draft.commit()


_FORGOTTEN = """
DELETE FROM runs WHERE n NOT IN (SELECT n FROM runs ORDER BY n DESC LIMIT :most)
 AND n NOT IN (SELECT value FROM json_each(:told))
 AND n NOT IN (SELECT MAX(run) FROM takes GROUP BY source, status UNION SELECT MIN(run) FROM takes GROUP BY source)
"""


def forget_runs(draft: Draft, releases: Releases, most: int) -> int:
    """Drops the runs before the last `most`, 0 for none of them; returns how many.

    What kept releases tell of stays, so that each can be made again to the statement, and of each source the first run
    that took it and the last that harvested it, held it, or failed.
    """
    draft.commit()
    (number,) = draft.db.execute("SELECT COUNT(*) FROM runs").fetchone()
    if not most or number <= most:
        return 0
    kept = {n for release in releases.numbers() for n in told(draft.db, release, _published_by(releases, release))}
    draft.db.execute("BEGIN IMMEDIATE")
    found = draft.db.execute(_FORGOTTEN, {"most": most, "told": json.dumps(sorted(kept))}).rowcount
    draft.db.execute("DELETE FROM takes WHERE run NOT IN (SELECT n FROM runs)")
    draft.commit()
    return found


def _published_by(releases: Releases, number: int) -> int | None:
    """The run that published a release; None where that is not known, or its manifest is lost."""
    try:
        return releases.get(number).manifest.run
    except (NotFound, StoreDamaged):
        return None


def touched(draft: Draft) -> list[str]:
    """The named graphs of datasets, their findings and local ones that a draft adds, changes or takes away."""
    draft.commit()
    rows = draft.db.execute(
        "SELECT DISTINCT kind, iri, slug FROM descriptions"
        " WHERE kind IN ('dataset', 'local') AND (since = :n OR until = :n)",
        {"n": draft.number},
    ).fetchall()
    judged = draft.db.execute(
        "SELECT DISTINCT s.slug FROM findings f JOIN slugs s ON s.iri = f.iri WHERE f.since = :n OR f.until = :n",
        {"n": draft.number},
    ).fetchall()
    found = [r["iri"] if r["kind"] == Kind.LOCAL else draft.minter.record(r["slug"]) for r in rows]
    return sorted({*found, *(draft.minter.quality(slug) for (slug,) in judged)})
