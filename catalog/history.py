"""Earlier releases in the bookkeeping: stating one of them again, and dropping what no kept release shows."""

from __future__ import annotations

from catalog import schema
from catalog.draft import Draft
from catalog.model import Kind

LAST_FACETS = """
 AND NOT EXISTS (SELECT 1 FROM slugs s JOIN changes c ON c.slug = s.slug AND c.release = facets.until AND c.gone
     WHERE s.iri = facets.dataset)
"""
"""Which ended rows of `facets` are not those of a withdrawal."""


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

    Activities, titles, changes and slugs stay for ever, and so do the facets that a dataset had when it was withdrawn:
    whoever follows one set of the catalogue is told that it is gone.
    """
    draft.commit()
    draft.db.execute("BEGIN IMMEDIATE")
    for table in schema.VERSIONED:
        kept = LAST_FACETS if table == "facets" else ""
        draft.db.execute(f"DELETE FROM {table} WHERE until IS NOT NULL AND until <= ?{kept}", (oldest,))  # noqa: S608
    draft.db.execute("DELETE FROM candidates WHERE hash NOT IN (SELECT hash FROM mentions)")
    draft.commit()


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
