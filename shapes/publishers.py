"""Who publishes what a finding is about: the agent that its dataset, or the focus node itself, names."""

from __future__ import annotations

from shapes.finding import Finding
from shapes.graph import Graph, term
from vocab.namespaces import DCT, FOAF


class Publishers:
    """The publishers of a graph. Each goes by its IRI and by its names."""

    def __init__(self, data: Graph) -> None:
        self._data = data
        self._cache: dict[str, tuple[str, ...]] = {}

    def of(self, finding: Finding) -> tuple[str, ...]:
        """What the publisher is called, its IRI first; nothing where none is named.

        A finding on an agent that publishes something is its own; one that belongs to no dataset is that of what it is
        about, such as the catalogue.
        """
        node = f"<{finding.dataset}>" if finding.dataset else finding.focus
        if node not in self._cache:
            self._cache[node] = self._called(node)
        return self._cache[node]

    def _called(self, node: str) -> tuple[str, ...]:
        published = self._data.forward(str(DCT.publisher))
        agents = sorted(published.get(node, ()))
        if not agents and node in self._data.backward(str(DCT.publisher)):
            agents = [node]
        found: list[str] = []
        for agent in agents:
            if agent.startswith("<"):
                found.append(agent[1:-1])
            found += sorted(term(name).value for name in self._data.forward(str(FOAF.name)).get(agent, ()))
            if agent.startswith('"'):
                found.append(term(agent).value)
        return tuple(dict.fromkeys(found))

    def known(self) -> frozenset[str]:
        """Everything that any publisher is called."""
        agents = self._data.backward(str(DCT.publisher))
        return frozenset(name for agent in agents for name in self._called(agent))
