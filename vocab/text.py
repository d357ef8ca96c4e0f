"""A sentence in the languages of the house."""

from __future__ import annotations

from typing import NamedTuple

LANGUAGES = ("fr", "en")


class Text(NamedTuple):
    """The same sentence in French and in English."""

    fr: str
    en: str

    def of(self, lang: str) -> str:
        """The sentence in `lang`: French for `fr`, English for any other."""
        return self.fr if lang == "fr" else self.en


class Foreign(Text):
    """Why something that its source shows to everybody does not belong here: a copy, a loop, no dataset at all."""
