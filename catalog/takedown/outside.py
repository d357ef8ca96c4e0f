"""What a takedown does not reach: catalogues set aside by a restoration, backups, copies; and what to do about them."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

from catalog import backups, schema
from catalog.takedown.subject import Subject
from vocab.text import Text

ALWAYS = Text(
    "les copies que Garonne ne connaît pas\u00a0: sauvegardes déplacées, exports («\u00a0releases export\u00a0»), "
    "caches et journaux d’un mandataire, instantanés de disque, catalogues qui ont moissonné celui-ci. "
    "Supprimez les premières, prévenez les derniers.",
    "copies that Garonne does not know of: backups that were moved, exports (`releases export`), a proxy’s caches and "
    "logs, snapshots of the disk, catalogues that have harvested this one. Delete the former, tell the latter.",
)


def set_aside(folder: Path, subject: Subject) -> Iterator[str]:
    """Catalogues beside this one that have the dataset: `garonne restore --replace` sets the former one aside."""
    place = folder.absolute()
    for other in sorted(place.parent.glob(f"{place.name}.*")):
        if (other / schema.FILE).exists() and _has(other, subject) is not False:
            yield (
                f"{other}: a catalogue that a restoration set aside, and that may have the dataset: delete it, "
                "then run this again"
            )


def beyond(folder: Path, subject: Subject) -> Iterator[Text]:
    """What an operator has to see to by hand, with what to do."""
    try:
        last = json.loads((folder / backups.LAST).read_text(encoding="utf-8"))
        backup, taken = Path(last["folder"]), str(last["taken"])[:10]
    except (OSError, ValueError, TypeError, KeyError):
        backup = None
    if backup is not None and backup.exists() and _has(backup / backups.STORE, subject) is not False:
        yield Text(
            f"la sauvegarde du {taken} dans {backup} a ou peut avoir le jeu de données, comme celles d’avant\u00a0: "
            "supprimez-les, puis «\u00a0garonne backup\u00a0».",
            f"the backup of {taken} in {backup} has or may have the dataset, as those before it: delete them, then "
            "`garonne backup`.",
        )
    yield ALWAYS


def _has(store: Path, subject: Subject) -> bool | None:
    """Whether a store that is not this one describes the dataset; None where it cannot be read."""
    try:
        address = f"{(store / schema.FILE).absolute().as_uri()}?mode=ro"
        with closing(sqlite3.connect(address, uri=True)) as db:
            described = "SELECT 1 FROM descriptions WHERE iri = ?"
            sql = f"SELECT EXISTS ({described}) OR EXISTS (SELECT 1 FROM records WHERE slug = ?)"  # noqa: S608  constant
            return bool(db.execute(sql, (subject.iri, subject.slug)).fetchone()[0])
    except sqlite3.Error:
        return None
