"""Why unchanged records are mapped or checked again: which of the things that they depend on is another one now."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

from harvest.validation import Validator
from vocab.text import Text

_MAPPING = (
    Text("règles de conversion du programme", "mapping rules of the program"),
    Text("vocabulaires", "vocabularies"),
    Text("registre [[agent]]", "[[agent]] register"),
    Text("tables [mapping]", "[mapping] tables"),
    Text("réglages de la source", "settings of the source"),
)
"""The parts of a mapping's fingerprint, in its order."""
_MAPPED = Text("Changement ({})\u00a0: {} notices converties à nouveau.", "{} changed: {:,} records mapped again.")
_CHECKED = Text(
    "Changement ({})\u00a0: {} jeux de données vérifiés à nouveau.", "{} changed: {:,} datasets checked again."
)


class ChangedRules:
    """Counts the records of one run whose content is what it was and that are taken again all the same."""

    def __init__(self, fingerprint: str, validator: Validator) -> None:
        self.mapping, _, self.validation = fingerprint.partition(":")
        self.validator = validator
        self.mapped: Counter[str] = Counter()
        self.checked: Counter[str] = Counter()

    def same_mapping(self, fingerprint: str) -> bool:
        """Whether the record would be mapped as it was."""
        return fingerprint.partition(":")[0] == self.mapping

    def count(self, fingerprint: str) -> None:
        """One more record that bears this fingerprint; those that a gate held have no mapping to compare with."""
        mapping, _, validation = fingerprint.partition(":")
        if mapping and mapping != self.mapping:
            self.mapped[mapping] += 1
        if validation != self.validation:
            self.checked[validation] += 1

    def told(self) -> list[Text]:
        """A sentence for each way in which rules changed, the most frequent first."""
        return [
            *(_sentence(_MAPPED, self._parts(old), n) for old, n in self.mapped.most_common()),
            *(_sentence(_CHECKED, self._profiles(old), n) for old, n in self.checked.most_common()),
        ]

    def _parts(self, old: str) -> tuple[Text, ...]:
        before, now = old.split("-"), self.mapping.split("-")
        if len(before) != len(now):  # of a program that told less
            return _MAPPING[:1]
        return tuple(name for name, a, b in zip(_MAPPING, before, now, strict=True) if a != b)

    def _profiles(self, old: str) -> tuple[Text, ...]:
        before = old.split("+")
        new = [p.name for p in self.validator.profiles if p.fingerprint[:16] not in before]
        if not new:
            return (Text("[validation]", "[validation]"),)
        return tuple(Text(f"profil {name}", f"profile {name}") for name in new)


def _sentence(form: Text, names: tuple[Text, ...], count: int) -> Text:
    fr, en = (", ".join(name.of(lang) for name in names) for lang in ("fr", "en"))
    return Text(form.fr.format(fr, count), form.en.format(en[:1].upper() + en[1:], count))


def reason(notes: Iterable[Text]) -> str:
    """What the manifest of a release says of the rules that made it, in one line; empty where none changed."""
    return " ".join(dict.fromkeys(note.en for note in notes))
