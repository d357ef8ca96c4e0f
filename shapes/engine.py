"""The seam between what is validated and who validates it: an engine takes graphs and profiles, and gives findings."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Protocol

from pyoxigraph import Triple

from shapes.finding import Finding
from shapes.graph import Graph
from shapes.profiles import Profile
from shapes.text import Text
from vocab.errors import unknown_choice


class Engine(Protocol):
    """A SHACL engine. An instance may keep what it compiled from a profile, and is used by one thread at a time.

    `notes` tell which shapes and constraints the last validation could not use, and why: none is skipped in silence.
    """

    name: str
    notes: tuple[Text, ...]

    def validate(
        self,
        data: Graph | Iterable[Triple],
        profiles: Sequence[Profile],
        background: Graph | Iterable[Triple] = (),
    ) -> list[Finding]:
        """The findings of `data` against all `profiles`, in `Finding.order`.

        `background` is known to the shapes (types and schemes of controlled terms) and is itself never validated: a
        node that only the background describes is no focus node. Literals are judged exactly as written. Nothing is
        fetched. Raises `InputInvalid` for shapes that the engine cannot use at all.
        """
        ...


def _garonne() -> Engine:
    from shapes.set_engine import SetEngine

    return SetEngine()


def _pyshacl() -> Engine:
    from shapes.pyshacl_engine import PyshaclEngine  # rdflib and pySHACL take half a second to import

    return PyshaclEngine()


ENGINES: dict[str, Callable[[], Engine]] = {"garonne": _garonne, "pyshacl": _pyshacl}
"""The engines by name, the default first."""

DEFAULT = next(iter(ENGINES))


def engine(name: str = DEFAULT) -> Engine:
    """A new engine of this name; `UsageError` lists the names for an unknown one."""
    if name not in ENGINES:
        raise unknown_choice("Engine", name, tuple(ENGINES))
    return ENGINES[name]()
