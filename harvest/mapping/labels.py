"""Rules on what a dataset is called and filed under: language, title, description, keywords, themes, HVD categories."""

from __future__ import annotations

from functools import lru_cache

from catalog.errors import RecordInvalid
from harvest.mapping import concepts, wording
from harvest.mapping.context import Context
from harvest.mapping.draft import Draft
from harvest.mapping.reader import Reader
from harvest.mapping.statements import Term, iri, is_language_tag, node, text
from harvest.mapping.text import one_line, plain_text
from vocab.alignment import Match
from vocab.namespaces import DCAT, DCATAP, DCT, ELI, HVD_LEGISLATION
from vocab.terms import Term as VocabularyTerm
from vocab.terms import ancestors, table, top_category
from vocab.themes import themes as find_themes

TITLE, DESCRIPTION, LANGUAGE = node(DCT.title), node(DCT.description), node(DCT.language)
KEYWORD, THEME = node(DCAT.keyword), node(DCAT.theme)
APPLICABLE, CATEGORY = node(DCATAP.applicableLegislation), node(DCATAP.hvdCategory)
LEGISLATION, LEGAL_RESOURCE = iri(HVD_LEGISLATION), node(ELI.LegalResource)

_HVD_PATHS = ("dcat_ap.hvd_category", "dcat_ap.hvdCategory", "dcat.hvd_category", "custom.hvd_category", "hvd.category")


def language(view: Reader, out: Draft) -> None:
    """`default.language` → `dct:language`; `default.metadata_languages` → the tag of texts, the record's language."""
    spoken = _languages(view, "default.language")
    written = _languages(view, "default.metadata_languages")
    tags = written or spoken or [(out.context.language, _language_term(out.context.language))]
    out.tag = tags[0][0]
    for _, known in spoken:
        out.add(LANGUAGE, known)
    if not spoken and (given := out.default("language", "dct:language")) and (known := _language_term(given)):
        out.add(LANGUAGE, known)
    for _, known in written or spoken:
        out.statements.add(out.record, LANGUAGE, known)


def _languages(view: Reader, path: str) -> list[tuple[str, Term]]:
    found = []
    for i, value in view.take_texts(path):
        tag = value.strip().lower().replace("_", "-")
        known = _language_term(tag)
        if known:
            found.append((tag, known))
        else:
            view.refuse(path, wording.BAD_LANGUAGE, item=i)
    return found


@lru_cache(maxsize=256)
def _language_term(tag: str) -> Term:
    """The EU term of a language tag, by its main language; empty for what is no tag of a known language."""
    if not is_language_tag(tag):
        return ""
    found = table("language").find(tag.split("-")[0])
    return iri(found.iri) if found else ""


def _override(view: Reader, first: str, second: str) -> str:
    """The path of the two that counts; where the first is filled, the second is entered as superseded."""
    if view.get(first) is None:
        return second
    view.ignore(second, wording.SUPERSEDED)
    return first


def title(view: Reader, out: Draft) -> None:
    """`dcat_ap.title`, else `default.title` → `dct:title`. Without one the record is set aside."""
    path = _override(view, "dcat_ap.title", "default.title")
    value = view.take(path)
    if value is None:
        raise RecordInvalid(
            "The dataset has no title.",
            french="Le jeu de données n’a pas de titre. Donnez-lui-en un sur le portail\u00a0: les "
            "moissonneurs refusent un "
            "catalogue où il en manque un.",
            what=view.record.id,
            hint="Give it one at the portal; harvesters refuse a catalogue with an untitled dataset.",
        )
    if not isinstance(value, str):
        raise RecordInvalid(
            f"The title is not a text: {value!r}.",
            french=f"Le titre n’est pas un texte\u00a0: {value!r}. Corrigez-le sur le portail.",
            what=view.record.id,
            hint="Correct the title at the portal.",
        )
    out.name = one_line(value)
    if not out.name:
        raise RecordInvalid(
            f"Nothing is left of the title once its markup is removed: {value!r}.",
            french=f"Il ne reste rien du titre une fois son balisage ôté\u00a0: {value!r}. Corrigez-le sur le portail.",
            what=view.record.id,
            hint="Correct the title at the portal.",
        )
    out.add(TITLE, text(out.name, out.tag))


def description(view: Reader, out: Draft) -> None:
    """`dcat_ap.description`, else `default.description` → `dct:description`, HTML made plain."""
    path = _override(view, "dcat_ap.description", "default.description")
    value = view.take_text(path)
    if value is None:
        return
    plain = plain_text(value)
    if plain:
        out.add(DESCRIPTION, text(plain, out.tag))
    else:
        view.refuse(path, wording.EMPTY_TEXT)


def keywords(view: Reader, out: Draft) -> None:
    """`dcat_ap.keyword`, else `default.keyword` → `dcat:keyword`, each once, split on commas because CKAN does."""
    path = _override(view, "dcat_ap.keyword", "default.keyword")
    seen = set()
    for i, value in view.take_texts(path):
        parts = [p for p in (one_line(part) for part in value.split(",")) if p]
        if len(parts) > 1:
            view.note(path, wording.SPLIT_ON_COMMAS, item=i)
        elif not parts:
            view.refuse(path, wording.EMPTY_TEXT, item=i)
        for part in parts:
            if part not in seen:
                seen.add(part)
                out.add(KEYWORD, text(part, out.tag))


def themes(view: Reader, out: Draft) -> None:
    """`dcat_ap.theme`, `default.theme` → `dcat:theme`: the EU data themes, and the city's own concept beside them."""
    stated = False
    for path in ("dcat_ap.theme", "default.theme"):
        for i, value in view.take_texts(path):
            stated = True
            name = one_line(value)
            found = _data_themes(out.context, name)
            for one in found.terms:
                out.add(THEME, iri(one.iri))
            if name and not concepts.is_address(name):
                out.add(THEME, concepts.city_theme(out, name))
            _account_for_theme(view, path, i, found)
    if not stated and (given := out.default("theme", "dcat:theme")):
        for one in _data_themes(out.context, given).terms:
            out.add(THEME, iri(one.iri))


@lru_cache(maxsize=16384)
def _data_themes(context: Context, name: str) -> Match:
    return find_themes(name, extra=context.themes)


def _account_for_theme(view: Reader, path: str, item: int, found: Match) -> None:
    if found.terms and found.unmatched:
        view.note(path, wording.part_without_theme(found.unmatched), item=item)
    elif found.reason and found.reason.code == "deliberate":
        view.note(path, wording.DELIBERATE, item=item)
    elif not found.terms:
        view.refuse(path, wording.NO_THEME, item=item, table="themes")


def inspire_theme(view: Reader, out: Draft) -> None:
    """`inspire.theme` → `dcat:theme`, the INSPIRE theme."""
    for i, value in view.take_texts("inspire.theme"):
        found = table("inspire-theme").find(value)
        if found:
            out.add(THEME, iri(found.iri))
        else:
            view.refuse("inspire.theme", wording.NO_INSPIRE_THEME, item=i)


def high_value(view: Reader, out: Draft) -> None:
    """HVD category → `dcatap:hvdCategory` (the most granular given), its top category in `dcat:theme`, and the law.

    udata reads only top categories, and only from `dcat:theme` (aggregators.md, 1.6, point 9).
    """
    found: dict[str, VocabularyTerm] = {}
    for path in _hvd_paths(view):
        for i, value in view.take_texts(path):
            one = table("hvd-category").find(value)
            if one:
                found[one.iri] = one
            else:
                view.refuse(path, wording.NO_HVD_CATEGORY, item=i)
    declared = _declared(view)
    if not found and not declared:
        return
    above = {a.iri for one in found for a in ancestors(one)}
    out.hvd = True
    out.categories = tuple(iri(one) for one in found if one not in above)
    out.add(APPLICABLE, LEGISLATION)
    out.statements.typed(LEGISLATION, LEGAL_RESOURCE)
    for category in out.categories:
        out.add(CATEGORY, category)
    for name in found:
        top = top_category(name)
        if top:
            out.add(THEME, iri(top.iri))


_YES, _NO = frozenset(("true", "oui", "yes", "1", "vrai")), frozenset(("false", "non", "no", "0", "faux"))


def _declared(view: Reader) -> bool:
    """Whether the record says in so many words that the dataset is of high value, be its category known or not."""
    found = False
    for path in ("custom.high-value-dataset", "custom.hvd", "dcat_ap.hvd", "hvd.hvd"):
        value = view.get(path)
        said = str(value).strip().lower() if isinstance(value, str | bool) else ""
        if said in _YES:
            view.take(path)
            found = True
        elif said in _NO:
            view.ignore(path, wording.NOT_HIGH_VALUE)
    return found


def _hvd_paths(view: Reader) -> list[str]:
    """Where portals keep the category: known places, and the fields of any template made for it."""
    named = [
        f"{template}.{key}"
        for template, values in view.record.metas.items()
        if "hvd" in template.lower()
        for key in values
        if "categor" in key.lower()
    ]
    return [p for p in dict.fromkeys((*_HVD_PATHS, *named)) if view.get(p) is not None]
