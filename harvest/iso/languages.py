"""The languages of a record and its texts: ISO 639-2 codes, locales and `PT_FreeText` (ISO 19139) to language tags."""

from __future__ import annotations

import re

from pyoxigraph import Literal

from harvest.iso.document import Element, code, find, first, leaf, local, value
from harvest.mapping.statements import is_language_tag

_PAIRS = (
    "fre:fr fra:fr eng:en ger:de deu:de spa:es ita:it dut:nl nld:nl por:pt cze:cs ces:cs dan:da est:et fin:fi gre:el "
    "ell:el hun:hu gle:ga lav:lv lit:lt mlt:mt pol:pl rum:ro ron:ro slo:sk slk:sk slv:sl swe:sv bul:bg hrv:hr ice:is "
    "isl:is nor:no nob:nb nno:nn baq:eu eus:eu bre:br cat:ca cos:co oci:oc ltz:lb roh:rm glg:gl tur:tr ukr:uk rus:ru "
    "ara:ar"
)
_TAGS = {long: short for long, _, short in (pair.partition(":") for pair in _PAIRS.split(" "))}
"""ISO 639-2 codes (both kinds) to the shorter tags that BCP 47 wants."""


def tag(words: str) -> str:
    """The language tag of a code such as `fre`, `fr`, `fr-FR`; empty for anything else."""
    bare = re.split(r"[;,\s]", words.strip().lower())[0].replace("_", "-")
    bare = bare.rpartition("/")[2]
    made = _TAGS.get(bare[:3], bare[:3]) if re.fullmatch(r"[a-z]{3}", bare) else bare
    return made if is_language_tag(made) and re.match(r"[a-z]{2,3}(?:-|\Z)", made) and made != "und" else ""


class Languages:
    """The language of a record's texts (`main`, empty where it is not said) and those of its locales, by their id."""

    def __init__(self, root: Element) -> None:
        self.element = first(root, "defaultLocale/PT_Locale/language", "language")
        self.main = tag(code(self.element))
        self.locales: dict[str, str] = {}
        for one in find(root, "locale/PT_Locale", "otherLocale/PT_Locale", "defaultLocale/PT_Locale"):
            found = tag(code(first(one, "languageCode", "language")))
            if found and one.get("id"):
                self.locales[one.get("id", "").lower()] = found

    def texts(self, element: Element | None) -> list[tuple[Literal, Element]]:
        """A text in every language that it is given in, each with the element that holds it."""
        if element is None:
            return []
        found: list[tuple[Literal, Element]] = []
        held = leaf(element)
        said: set[str] = set()
        if local(held) != "LocalisedCharacterString" and (words := value(element)):
            found.append((self.literal(words, self.main), element))
            said.add(self.main)
        for one in element.iter():
            if local(one) != "LocalisedCharacterString" or not (one.text or "").strip():
                continue
            wanted = (one.get("locale") or "").lstrip("#").lower()
            lang = self.locales.get(wanted) or tag(wanted) or self.main
            if lang not in said:
                said.add(lang)
                found.append((self.literal((one.text or "").strip(), lang), one))
        return found

    def literal(self, words: str, lang: str = "") -> Literal:
        """A text with its tag."""
        return Literal(words, language=lang) if lang else Literal(words)
