"""What is new to repair, for each publisher that has an address: a digest in French, at most one a day."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from urllib.parse import quote

from catalog.archive import Archive, View
from catalog.comparison import only
from catalog.draft import title_of
from catalog.findings import Cause, Found
from catalog.model import Description, Kind
from catalog.releases import Releases
from catalog.settings import Settings
from harvest.notify.messages import Message, line, subject
from harvest.notify.notes import Notes

DAY = timedelta(hours=24)
CAUSES = 12
"""Causes that a digest tells; the page has all of them."""
DATASETS = 5
"""Datasets that it names for each."""
_NEW = """
SELECT d.iri, d.slug, d.title FROM findings f JOIN descriptions d ON d.iri = f.iri AND d.kind = 'dataset'
WHERE f.publisher = :publisher AND f.since > :told AND f.since <= :n
    AND (f.until IS NULL OR f.until > :n)
    AND d.since <= :n AND (d.until IS NULL OR d.until > :n) AND f.violations + f.warnings > 0 ORDER BY d.iri
"""


@dataclass(frozen=True)
class Digest:
    """A digest for one publisher. `release` is up to which one it tells; no `message` where nothing is new."""

    publisher: str
    release: int
    message: Message | None


def digests(settings: Settings, notes: Notes, now: datetime) -> Iterator[Digest]:
    """For each publisher of the register that has an address and was not written to within a day.

    One that is met for the first time is told nothing: it begins with the present release.
    """
    releases = Releases(settings.store.path)
    current = releases.current()
    if current is None:
        return
    view = Archive(settings.store.path).at(current.number)
    published = {title_of(agent): agent for agent in view.all(Kind.AGENT)}
    oldest = min(release.number for release in releases.list())
    for agent in settings.agents:
        described = published.get(agent.name)
        if described is None or "@" not in agent.email:
            continue
        noted = notes.publishers.get(described.iri)
        if noted is None or noted["release"] > current.number:
            yield Digest(described.iri, current.number, None)
            continue
        if noted["sent"] and timedelta(0) <= now - datetime.fromisoformat(noted["sent"]) < DAY:
            continue
        found = _new(view, described.iri, max(noted["release"], oldest))
        message = _message(settings, agent.email, described, found) if found else None
        yield Digest(described.iri, current.number, message)


_News = dict[Cause, list[tuple[str, str]]]
"""Slug and title of the datasets by what is new on them."""


def _new(view: View, publisher: str, told: int) -> _News:
    """What was not found in the release of before."""
    found: _News = {}
    earlier = view.archive.at(told)
    for row in view.archive.rows(_NEW, n=view.release, publisher=publisher, told=told):
        now, before = view.findings(row["iri"]) or [], earlier.findings(row["iri"]) or []
        for one in only([f for f in now if _weighs(f)], before):
            named = found.setdefault(one.cause, [])
            if (row["slug"], row["title"]) not in named:
                named.append((row["slug"], row["title"]))
    return dict(sorted(found.items(), key=lambda item: (item[0].severity.rank, -len(item[1]), item[0].id)))


def _weighs(found: Found) -> bool:
    """Whether it is a fault or a warning that whoever writes the metadata can repair."""
    return not found.cause.noise and found.cause.severity.rank <= 1


def _message(settings: Settings, address: str, publisher: Description, found: _News) -> Message:
    name, base = line(title_of(publisher), 100), settings.catalog.base
    datasets = {slug for named in found.values() for slug, _ in named}
    many = "jeux de données ont" if len(datasets) > 1 else "jeu de données a"
    said = [
        f"Bonjour,\n\n{len(datasets)} {many} de nouvelles remarques sur leurs métadonnées ({name}).",
        *(_cause(base, cause, named) for cause, named in list(found.items())[:CAUSES]),
    ]
    if len(found) > CAUSES:
        said.append(f"… et {len(found) - CAUSES} autres remarques.")
    page = f"{base}quality?publisher={quote(publisher.slug)}"
    said.append(f"Tout voir, avec ce qui reste à corriger\u00a0:\n{page}")
    said.append(
        "Corrigez les notices dans le portail d’origine\u00a0; le prochain moissonnage les reprend. Au plus un message"
        " par jour\u00a0; pour ne plus en recevoir, répondez à ce message."
    )
    number = f"{len(datasets)} {'jeux' if len(datasets) > 1 else 'jeu'} de données à revoir"
    return Message(
        key=f"findings {publisher.iri}",
        subject=subject(f"[Garonne] {number} – {name}"),
        body="\n\n".join(said) + "\n",
        to=(address,),
    )


def _cause(base: str, cause: Cause, named: list[tuple[str, str]]) -> str:
    mark = "Erreur" if cause.severity.rank == 0 else "Avertissement"
    lines = [f"■ {mark}\u00a0: {line(cause.rule.fr)}"]
    if cause.repair.fr:
        lines.append(f"  Que faire\u00a0: {line(cause.repair.fr)}")
    lines += [f"  – {line(title, 120)}\n    {base}quality/{quote(slug)}" for slug, title in named[:DATASETS]]
    if len(named) > DATASETS:
        lines.append(f"  … et {len(named) - DATASETS} de plus")
    return "\n".join(lines)
