"""A query put to the engine: as `catalog.rewriting` plans it, and as it came wherever the engine does not read that."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import IO

from pyoxigraph import QueryBoolean, QueryResultsFormat, QuerySolutions, QueryTriples, Store, Triple

from catalog import ordering
from catalog.dataset import Dataset, effective
from catalog.ranks import FUNCTIONS
from catalog.rewriting import Plan, counted, plan
from catalog.rewriting.order import Order
from catalog.statistics import Statistics

Results = QuerySolutions | QueryBoolean | QueryTriples
WHOLE = Dataset()
"""The data set of the store itself."""


@dataclass(frozen=True, slots=True)
class Found:
    """What the engine gives, and how its rows are still to be sorted."""

    results: Results | Iterator[Triple]
    order: Order | None = None

    @property
    def graph(self) -> Iterator[Triple] | None:
        """The statements, where the result is a graph."""
        return None if isinstance(self.results, QuerySolutions | QueryBoolean) else self.results

    def table(self, out: IO[bytes], format_: QueryResultsFormat) -> None:
        """Write the rows or the truth value."""
        if not isinstance(self.results, QuerySolutions | QueryBoolean):
            raise TypeError("a graph is no table")
        if self.order is not None and isinstance(self.results, QuerySolutions):
            ordering.write(self.results, self.order, out, format_)
        else:
            self.results.serialize(out, format_)


@dataclass(frozen=True, slots=True)
class Engine:
    """A store to ask. `base` resolves relative IRIs; without `rewriting` every query goes to the engine as it came."""

    store: Store
    base: str = ""
    rewriting: bool = True

    def ask(self, query: str, asked: Dataset = WHOLE, known: Statistics | None = None) -> Found:
        """The results of a query on a data set, by default the store's own. `known` are the statistics of the release.

        Raises what the engine raises: `SyntaxError`, `RuntimeError`, `ValueError`, `MemoryError`, `OSError`.
        """
        text = query
        if self.rewriting and known is not None and not asked:
            text = counted(query, known)
        store, graphs = effective(self.store, asked, text, self.base)

        def results(text: str) -> Results:
            return store.query(text, base_iri=self.base or None, custom_functions=FUNCTIONS, **graphs)

        planned = plan(text) if self.rewriting else Plan(text)
        if planned.query != text:
            try:
                return Found(results(planned.query), planned.order)
            except (SyntaxError, RuntimeError, ValueError):  # the original says what is wrong, in its own places
                pass
        return Found(results(text))
