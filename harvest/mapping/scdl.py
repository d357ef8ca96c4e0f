"""The lines of an inventory written as graphs: the fields of the SCDL's « Catalogue », and a few that others have."""

from __future__ import annotations

import re
from collections.abc import Callable

from pyoxigraph import NamedNode

from catalog.model import Fate, Identity, Mapped, Note, Record, Text
from harvest.graph.mapping import map_graph
from harvest.graph.sketch import Sketch
from harvest.inventory import Line
from harvest.mapping.context import Context
from harvest.mapping.reader import Fields
from harvest.repair import texts
from vocab.namespaces import DCAT, DCT, FOAF, VCARD

Rule = Callable[[Line, Sketch], None]


def map_record(record: Record, identity: Identity, context: Context) -> Mapped:
    """The line as DCAT-AP 3. Pure."""
    line = Line(**record.data)
    view = Fields(line.cells)
    sketch = Sketch(identity.iri, view, language=_language(line, context))
    for rule in RULES:
        view.rule = rule.__name__
        rule(line, sketch)
    for heading in line.mended:
        if view.is_claimed(heading):
            view.note(heading, MENDED)
    view.otherwise(_notes(line))
    return map_graph(record, sketch.graph, identity, context, base=context.portal, view=view, language=sketch.language)


def _language(line: Line, context: Context) -> str:
    stated = {texts.tag(one).tag for one in split(line.get("LANG"))} - {""}
    return stated.pop() if len(stated) == 1 else context.language


def split(cell: str) -> list[str]:
    """The parts of a cell that the SCDL's semicolons, bars or line ends part."""
    return [part.strip() for part in re.split(r"[;|\n\r]", cell) if part.strip()]


_ONE = (
    (DCT.identifier, "ID"),
    (DCT.issued, "DATE_PUBL"),
    (DCT.modified, "DATE_MAJ"),
    (DCT.accrualPeriodicity, "FREQ_MAJ"),
    (DCAT.landingPage, "URL"),
    (DCT.contributor, "DIFFUSEUR"),
)


def plain_fields(line: Line, to: Sketch) -> None:
    """Fields that are one property each."""
    to.typed(to.root, DCAT.Dataset)
    to.text(to.root, DCT.title, line.get("TITRE"), line.fields.get("TITRE", ""))
    to.text(to.root, DCT.description, line.get("DESCRIPTION"), line.fields.get("DESCRIPTION", ""))
    for predicate, field in _ONE:
        to.say(to.root, predicate, line.get(field), line.fields.get(field, ""))


def lists(line: Line, to: Sketch) -> None:
    """Keywords, themes and languages, parted by semicolons."""
    for predicate, field in ((DCAT.keyword, "MOTS_CLES"), (DCAT.theme, "THEME")):
        for part in split(line.get(field)):
            to.text(to.root, predicate, part, line.fields[field])
    for part in split(line.get("LANG")):
        to.say(to.root, DCT.language, part, line.fields["LANG"])


def publisher(line: Line, to: Sketch) -> None:
    """The producer with its SIRET; the body that keeps the inventory, where no producer is named."""
    who = "PRODUCTEUR" if line.get("PRODUCTEUR_NOM") else "COLL"
    name, number = line.get(f"{who}_NOM"), line.get(f"{who}_SIRET")
    if name:
        node = to.blank()
        to.link(to.root, DCT.publisher, node)
        to.say(node, FOAF.name, name, line.fields[f"{who}_NOM"])
        if is_siret(number):
            to.say(node, DCT.identifier, "".join(number.split()), line.fields[f"{who}_SIRET"])
        elif number:
            to.view.refuse(line.fields[f"{who}_SIRET"], NO_SIRET)
    if who == "PRODUCTEUR":
        for field in ("COLL_NOM", "COLL_SIRET"):
            if line.get(field):
                to.view.ignore(line.fields[field], KEEPER)


def is_siret(number: str) -> bool:
    """Whether it is fourteen digits; a spreadsheet leaves `2,13106E+13` of some."""
    return re.fullmatch(r"\d{14}", "".join(number.split())) is not None


def contact(line: Line, to: Sketch) -> None:
    """A contact, which the SCDL does not know and other inventories do."""
    if line.get("CONTACT_NOM") or line.get("CONTACT_COURRIEL"):
        node = to.blank()
        to.link(to.root, DCAT.contactPoint, node)
        to.typed(node, VCARD.Kind)
        to.say(node, VCARD.fn, line.get("CONTACT_NOM"), line.fields.get("CONTACT_NOM", ""))
        to.say(node, VCARD.hasEmail, line.get("CONTACT_COURRIEL"), line.fields.get("CONTACT_COURRIEL", ""))


def coverage(line: Line, to: Sketch) -> None:
    """The place by its name, and the period."""
    for part in split(line.get("COUV_SPAT_NOM")):
        to.say(to.root, DCT.spatial, part, line.fields["COUV_SPAT_NOM"])
    if line.get("COUV_TEMP_DEBUT") or line.get("COUV_TEMP_FIN"):
        node = to.blank()
        to.link(to.root, DCT.temporal, node)
        to.say(node, DCAT.startDate, line.get("COUV_TEMP_DEBUT"), line.fields.get("COUV_TEMP_DEBUT", ""))
        to.say(node, DCAT.endDate, line.get("COUV_TEMP_FIN"), line.fields.get("COUV_TEMP_FIN", ""))


def distributions(line: Line, to: Sketch) -> None:
    """One distribution for each format, got at from the dataset's page; an inventory's own address of a file is one.

    `URL` leads to a page: it is nobody's download.
    """
    licence, page, file = line.get("LICENCE"), line.get("URL"), line.get("URL_RESSOURCE")
    to.say(to.root, DCT.license, licence, line.fields.get("LICENCE", ""))
    formats = split(re.sub(r"[,/]", ";", line.get("FORMAT_RESSOURCES")))
    if not page and not file:
        if formats:
            to.view.refuse(line.fields["FORMAT_RESSOURCES"], NO_ADDRESS)
        return
    for one in formats if not file else formats[:1] or [""]:
        node = to.below("distribution", one.lower() or "fichier")
        to.link(to.root, DCAT.distribution, node)
        to.typed(node, DCAT.Distribution)
        to.say(node, DCT["format"], one, line.fields.get("FORMAT_RESSOURCES", ""))
        to.say(node, DCT.license, licence, line.fields.get("LICENCE", ""))
        address = "URL_RESSOURCE" if file else "URL"
        to.say(node, DCAT.accessURL, line.get(address), line.fields[address])
        if file:
            to.say(node, DCAT.downloadURL, file, line.fields["URL_RESSOURCE"])
        for code in split(re.sub(r"[,/]", ";", line.get("PROJECTION"))):
            _projection(code, to, node, line.fields["PROJECTION"])


_EPSG = re.compile(r"(?:EPSG\s*:?\s*)?(\d{4,5})\Z", re.IGNORECASE)


def _projection(code: str, to: Sketch, node: NamedNode, heading: str) -> None:
    """The coordinate system, which the OGC names after its EPSG code."""
    known = _EPSG.match(code)
    if known:
        to.name(node, DCT.conformsTo, f"http://www.opengis.net/def/crs/EPSG/0/{known[1]}", heading)
    else:
        to.say(node, DCT.conformsTo, code, heading)


RULES: tuple[Rule, ...] = (plain_fields, lists, publisher, contact, coverage, distributions)

MENDED = Text(
    "la ligne n’avait pas le bon nombre de cellules\u00a0; elle a été recomposée",
    "the row had a wrong number of cells and was put together again",
)
NO_SIRET = Text("ce ne sont pas les quatorze chiffres d’un SIRET", "these are not the fourteen digits of a SIRET")
NO_ADDRESS = Text("aucune adresse ne dit où sont les fichiers", "no address says where the files are")
KEEPER = Text(
    "la collectivité tient l’inventaire\u00a0; le producteur est nommé", "it keeps the inventory; the producer is named"
)
_COUNTED = Text("les distributions se comptent d’elles-mêmes", "distributions count themselves")
_LEVEL = Text(
    "DCAT-AP n’a rien pour la maille\u00a0; le lieu est nommé", "DCAT-AP has nothing for the level; the place is named"
)


def _notes(line: Line) -> dict[str, Note]:
    notes: dict[str, Note] = {}
    for field, fate, why in (
        ("NOMBRE_RESSOURCES", Fate.IGNORED, _COUNTED),
        ("COUV_SPAT_MAILLE", Fate.UNMAPPED, _LEVEL),
        ("PROJECTION", Fate.UNMAPPED, NO_ADDRESS),
        ("FORMAT_RESSOURCES", Fate.UNMAPPED, NO_ADDRESS),
    ):
        if field in line.fields:
            notes[line.fields[field]] = (fate, "inventory", why, None)
    return notes
