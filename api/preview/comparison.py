"""Two harvests compared as the aggregator compares them: what it updates, takes for new, or loses sight of.

Where a dataset is the same to people and not to the aggregator, the old copy stays beside the new one, or is deleted
with all that refers to it: that is what has to be known before a portal's source is changed to another feed.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, fields
from enum import StrEnum

from api.preview.model import Harvest, Held, Resource


class Fate(StrEnum):
    """What becomes of a dataset or a resource from one harvest to the other."""

    DOUBLED = "doubled"
    """The same, under another key: the aggregator takes it for a new one, and for one that is gone."""
    GONE = "gone"
    """No longer there."""
    STUCK = "stuck"
    """Still there, and rejected now: the copy stays as it is."""
    NEW = "new"
    CHANGED = "changed"
    SAME = "same"


@dataclass(frozen=True, slots=True)
class Piece:
    """One resource in both harvests, or in one of them."""

    fate: Fate
    before: Resource | None
    after: Resource | None


@dataclass(frozen=True, slots=True)
class Pair:
    """One dataset in both harvests, or in one of them.

    `because` is, for a doubled one, what shows that it is the same; `changed` names the fields that differ.
    """

    fate: Fate
    before: Held | None
    after: Held | None
    because: str = ""
    changed: tuple[str, ...] = ()
    resources: tuple[Piece, ...] = ()

    @property
    def either(self) -> Held:
        """The later description, else the earlier."""
        found = self.after or self.before
        assert found is not None, "one of the two is there"  # noqa: S101  by construction
        return found


_SHOWN = {f.name for f in fields(Held)} - {"notes", "page", "outcome", "resources", "aliases", "iri", "key"}


def compare(before: Harvest, after: Harvest) -> list[Pair]:
    """Every dataset and service of either harvest, the worst fates first, then by title."""
    old, new = before.taken, after.taken
    found = [_pair(old[key], new[key]) for key in old.keys() & new.keys()]
    left = [old[key] for key in old.keys() - new.keys()]
    fresh = [new[key] for key in new.keys() - old.keys()]
    if after.abandoned:
        return _sorted(Pair(Fate.STUCK, held, None) for held in left)
    doubles = dict(_doubles(left, fresh))
    for held in left:
        if held.key in after.present:
            found.append(Pair(Fate.STUCK, held, None))
        elif held.key in doubles:
            twin, because = doubles[held.key]
            found.append(Pair(Fate.DOUBLED, held, twin, because, resources=_pieces(held, twin)))
        else:
            found.append(Pair(Fate.GONE, held, None))
    twins = {twin.key for twin, _ in doubles.values()}
    found += [Pair(Fate.NEW, None, held) for held in fresh if held.key not in twins]
    return _sorted(found)


def counts(pairs: Iterable[Pair]) -> dict[str, int]:
    """How many have which fate."""
    listed = list(pairs)
    return {str(fate): sum(p.fate is fate for p in listed) for fate in Fate}


def resource_counts(pairs: Iterable[Pair]) -> dict[str, int]:
    """How many resources of datasets that the aggregator recognises have which fate."""
    listed = [piece for pair in pairs if pair.fate in {Fate.SAME, Fate.CHANGED} for piece in pair.resources]
    return {str(fate): sum(p.fate is fate for p in listed) for fate in Fate}


def _pair(before: Held, after: Held) -> Pair:
    changed = tuple(name for name in sorted(_SHOWN) if getattr(before, name) != getattr(after, name))
    pieces = _pieces(before, after)
    if any(piece.fate is not Fate.SAME for piece in pieces):
        changed += ("resources",)
    return Pair(Fate.CHANGED if changed else Fate.SAME, before, after, changed=changed, resources=pieces)


def _pieces(before: Held, after: Held) -> tuple[Piece, ...]:
    old, new = {r.key: r for r in before.resources}, {r.key: r for r in after.resources}
    found = [
        Piece(Fate.SAME if old[key] == new[key] else Fate.CHANGED, old[key], new[key]) for key in old if key in new
    ]
    left, fresh = [r for r in old.values() if r.key not in new], [r for r in new.values() if r.key not in old]
    for resource in left:
        twin = _twin(resource, left, fresh)
        if twin is not None:
            fresh.remove(twin)
        found.append(Piece(Fate.GONE if twin is None else Fate.DOUBLED, resource, twin))
    found += [Piece(Fate.NEW, None, resource) for resource in fresh]
    order = list(Fate)
    return tuple(sorted(found, key=lambda p: order.index(p.fate)))


def _twin(resource: Resource, left: list[Resource], fresh: list[Resource]) -> Resource | None:
    """The one new resource that is this one to people: same IRI or address, else the only one of its format."""
    for one in fresh:
        if (resource.iri and resource.iri == one.iri) or _folded(resource.url) == _folded(one.url) != "":
            return one
    shape = _shape(resource)
    alike = [one for one in fresh if shape and _shape(one) == shape]
    alone = sum(_shape(one) == shape for one in left) == 1
    return alike[0] if len(alike) == 1 and alone else None


def _shape(resource: Resource) -> str:
    return (resource.format or resource.media_type).rpartition("/")[2].casefold()


def _doubles(left: list[Held], fresh: list[Held]) -> Iterator[tuple[str, tuple[Held, str]]]:
    """Which of those left behind are the same as one taken for new, by key, and what shows it."""
    taken: set[str] = set()
    for marks in (_names, _addresses, _titles):
        index: dict[str, list[Held]] = {}
        for held in fresh:
            if held.key not in taken:
                for mark in marks(held):
                    index.setdefault(mark, []).append(held)
        waiting = [held for held in left if held.key not in taken]
        for held in waiting:
            for mark in marks(held):
                twins = [one for one in index.get(mark, ()) if one.key not in taken and one.kind == held.kind]
                rivals = sum(mark in marks(other) for other in waiting)
                if len(twins) == 1 and rivals == 1:
                    taken |= {held.key, twins[0].key}
                    yield held.key, (twins[0], mark)
                    break


def _names(held: Held) -> list[str]:
    """Whatever the description calls itself."""
    given = (held.key, held.iri, held.identifier, *held.aliases, held.landing)
    return list(dict.fromkeys(_folded(name) for name in given if name))


def _addresses(held: Held) -> list[str]:
    return list(dict.fromkeys(_folded(r.url) for r in held.resources if r.url))


def _titles(held: Held) -> list[str]:
    return [" ".join(held.title.casefold().split())] if held.title else []


def _folded(address: str) -> str:
    """An address without its scheme and last slash: what people take for the same."""
    return address.strip().removeprefix("https://").removeprefix("http://").rstrip("/")


def _sorted(pairs: Iterable[Pair]) -> list[Pair]:
    order = list(Fate)
    return sorted(pairs, key=lambda p: (order.index(p.fate), p.either.title.casefold(), p.either.key))
