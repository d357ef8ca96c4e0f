"""pySHACL's `sh:pattern` with a limit on the time that one text may take, which Python's own expressions have not."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import regex
from pyshacl.constraints import CONSTRAINT_PARAMETERS_MAP
from pyshacl.constraints.core.string_based_constraints import PatternConstraintComponent, SH_pattern

from shapes.patterns import SECONDS
from vocab.errors import InputInvalid


class TimedPatterns(PatternConstraintComponent):
    """The component as pySHACL has it, its compiled expressions exchanged for timed ones."""

    def __init__(self, shape: Any) -> None:
        super().__init__(shape)
        timed: dict[Any, Any] = {key: _Timed(one.pattern, one.flags) for key, one in self.compiled_cache.items()}
        self.compiled_cache = timed


class _Timed:
    def __init__(self, pattern: str, flags: int) -> None:
        try:
            self._compiled = regex.compile(pattern, flags)
        except regex.error as error:
            raise InputInvalid(f"the pattern {pattern} is no regular expression ({error}).") from None

    def match(self, text: str) -> object:
        return self._within(self._compiled.match, text)

    def search(self, text: str) -> object:
        return self._within(self._compiled.search, text)

    def _within(self, ask: Callable[..., object], text: str) -> object:
        try:
            return ask(text, timeout=SECONDS)
        except TimeoutError:
            pattern = self._compiled.pattern
            raise InputInvalid(
                f"a pattern of the shapes takes more than {SECONDS:g} s on one value: {pattern}",
                hint="Write it without repetitions inside repetitions, or use `--engine garonne`.",
                french=f"un motif des formes demande plus de {SECONDS:g} s sur une valeur\u00a0: {pattern}",
                french_hint="Écrivez-le sans répétitions dans des répétitions, ou choisissez le moteur garonne.",
            ) from None


def install() -> None:
    """Puts the component into pySHACL's own table of components, for every validation to come."""
    CONSTRAINT_PARAMETERS_MAP[SH_pattern] = TimedPatterns
