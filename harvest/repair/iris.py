"""Addresses and other IRIs as sources write them, repaired by rule or refused."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from urllib.parse import urljoin

from pyoxigraph import NamedNode

from harvest.mapping.addresses import address, addresses, emails
from harvest.repair import rules
from harvest.repair.rules import Rule
from vocab.namespaces import PREFIXES

RELATIVE = "http://relative.invalid/r/r/"
"""The base that documents are read with, to tell relative IRIs from absolute ones (no such host: RFC 2606)."""
_ROOT = "http://relative.invalid/"

QNAMES: dict[str, str] = {**PREFIXES, "dcterms": PREFIXES["dct"], "dctype": "http://purl.org/dc/dcmitype/"}
QNAMES |= {"dcmitype": QNAMES["dctype"], "schema": "http://schema.org/", "vcard": PREFIXES["vcard"]}
QNAMES |= {
    "iso639-1": "http://id.loc.gov/vocabulary/iso639-1/",
    "eu": "http://publications.europa.eu/resource/authority/",
}

_SCHEME = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:")
_TYPO = re.compile(
    r"(?:(?P<twice>https?://)(?=https?://)|(?P<slash>https?)(?::/(?=[^/])|//|:///+|;//)|(?P<short>ht?tps?|hhtps?|http?s)://"
    r"|(?P<bare>https?):(?=[a-z0-9]))",
    re.IGNORECASE,
)
_BAD_PERCENT = re.compile(r"%(?![0-9A-Fa-f]{2})")


@dataclass(frozen=True, slots=True)
class Fixed:
    """What became of a value: the IRIs in it, by which rules. None at all: it is no IRI."""

    iris: tuple[str, ...]
    rules: tuple[Rule, ...] = ()


NOTHING = Fixed(())


def original(iri: str) -> str | None:
    """The relative reference that `iri` was in its document, `None` for an absolute one."""
    if not iri.startswith(_ROOT):
        return None
    if iri.startswith(RELATIVE):
        return iri.removeprefix(RELATIVE)
    if iri.startswith(_ROOT + "r/"):
        return "../" + iri.removeprefix(_ROOT + "r/")
    return "/" + iri.removeprefix(_ROOT)


@lru_cache(maxsize=16384)
def web(value: str, base: str = "") -> Fixed:
    """The web addresses in `value`, which should be one; `base` completes a relative one."""
    value = value.strip()
    given = original(value)
    if given is not None:
        found = _relative(given, base)
        if found:
            return found
        value = given
    if not value:
        return NOTHING
    if _is_good(value):
        return Fixed((value,))
    spelt, before = _spelt(value)
    one = address(spelt) if not re.search(r"\s\S*://", spelt) and spelt.count("://") <= 1 else None
    if one:
        return Fixed((one[1:-1],), before + _changes(spelt, one[1:-1]))
    if "://" not in value and re.search(r"\s", value):
        return NOTHING
    several, rest = addresses(spelt)
    if several and not rest:
        done = tuple(t[1:-1] for t in several)
        return Fixed(done, before + ((rules.IRI_SEVERAL,) if len(done) > 1 else _changes(spelt, done[0])))
    return NOTHING


def _relative(given: str, base: str) -> Fixed | None:
    """A relative reference completed, if its document has an address; text in its place is left alone."""
    if re.search(r"\s", given) or emails(given) or (re.match(r"www\.|[\w-]+\.[a-z]{2,}/", given) and address(given)):
        return None
    if not base or not given:
        return None
    whole = urljoin(base, given)
    return Fixed((whole,), (rules.IRI_RELATIVE,)) if _is_good(whole) else None


def _is_good(value: str) -> bool:
    """Whether it is an http(s) or ftp address that needs no repair."""
    if not re.match(r"(?:https?|ftp)://[^\s/]", value, re.IGNORECASE) or (value.count("://") > 1 and "?" not in value):
        return False
    return is_valid(value) and address(value) == f"<{value}>"


@lru_cache(maxsize=16384)
def is_valid(value: str) -> bool:
    """Whether it is an absolute IRI after RFC 3987."""
    try:
        NamedNode(value)
    except ValueError:
        return False
    return bool(_SCHEME.match(value)) and _BAD_PERCENT.search(value) is None


def _spelt(value: str) -> tuple[str, tuple[Rule, ...]]:
    found = _TYPO.match(value)
    if found is None or (re.match(r"(?:https?|ftp)://[^/]", value, re.IGNORECASE) and not found["twice"]):
        return value, ()
    rest = value[found.end() :]
    if found["twice"]:
        return rest, (rules.IRI_TYPO,)
    scheme = "https" if "s" in found[0].lower() else "http"
    return f"{scheme}://{rest.lstrip('/')}", (rules.IRI_TYPO,)


def _changes(before: str, after: str) -> tuple[Rule, ...]:
    found = []
    if not re.match(r"(?:https?|ftp)://", before, re.IGNORECASE):
        found.append(rules.IRI_SCHEME)
    if re.search(r"\s", before):
        found.append(rules.IRI_SPACES)
    if re.sub(r"%20|\s", "", after).removeprefix("http://") != re.sub(r"%20|\s", "", before).removeprefix("http://"):
        found.append(rules.IRI_CHARACTERS)
    return tuple(found)


@lru_cache(maxsize=16384)
def name(value: str, base: str = "") -> Fixed:
    """The IRI that `value` names a thing by: any valid absolute IRI as it is, a QNAME expanded, an address repaired."""
    given = original(value.strip())
    value = value.strip() if given is None else given
    if given is None and is_valid(value):
        prefix, _, local = value.partition(":")
        if prefix in QNAMES and local[:1].isalpha() and prefix.lower() not in {"http", "https", "urn"}:
            return Fixed((QNAMES[prefix] + local,), (rules.IRI_QNAME,))
        return Fixed((value,))
    if re.fullmatch(r"(?:urn|doi|tel|info|ark):\S.*", value, re.IGNORECASE):
        encoded = re.sub(r"[\s<>\"{}|\\^`\[\]]", lambda m: f"%{ord(m[0]):02X}", value)
        return Fixed((encoded,), (rules.IRI_SPACES,)) if is_valid(encoded) else NOTHING
    return web(value if given is None else RELATIVE + value if not value.startswith("/") else _ROOT + value[1:], base)


_PHONE = re.compile(r"(?:tel:)?(?P<number>\+?[0-9(][0-9 ().\-/\u00a0\u202f]{4,24}[0-9])\Z")


def telephone(value: str) -> Fixed:
    """The `tel:` IRI of a number (RFC 3966: digits and separators, no spaces)."""
    bare = (original(value) or value).strip()
    if bare.startswith("tel:") and is_valid(bare):
        return Fixed((bare,))
    found = _PHONE.match(" ".join(bare.split()))
    if found is None:
        return NOTHING
    return Fixed(("tel:" + re.sub(r"[^+0-9]+", "-", found["number"]).strip("-"),), (rules.TELEPHONE,))


def mail(value: str) -> Fixed:
    """The `mailto:` IRIs of the addresses in a text that holds nothing else."""
    from harvest.mapping.addresses import mailbox

    bare = (original(value) or value).strip()
    stated = re.match(r"mailto:", bare, re.IGNORECASE)
    if stated and is_valid(bare) and emails(bare[7:].split("?")[0]):
        return Fixed((bare,))
    boxes = emails(re.sub(r"^mailto:(?:/{0,2})\s*", "", bare, flags=re.IGNORECASE))
    return Fixed(tuple(mailbox(b)[1:-1] for b in boxes), (rules.EMAIL,)) if boxes else NOTHING
