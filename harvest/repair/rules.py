"""The rules of repair by name, each with the sentence that a metadata manager reads; docs/repairs.md lists them."""

from __future__ import annotations

from dataclasses import dataclass

from catalog.model import Text


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule: its name in the ledger, what it did, and in which group of the documentation it stands."""

    name: str
    text: Text
    group: str


RULES: dict[str, Rule] = {}
"""Every rule by its name."""


def _rule(group: str, name: str, fr: str, en: str) -> Rule:
    made = RULES[name] = Rule(name, Text(fr, en), group)
    return made


def told(rules: tuple[Rule, ...]) -> Text | None:
    """What several rules did, in one sentence; `None` for none."""
    if not rules:
        return None
    return Text(" ; ".join(r.text.fr for r in rules), "; ".join(r.text.en for r in rules))


IRI_SPACES = _rule(
    "addresses", "iri-spaces", "espaces de l’adresse encodées ou ôtées", "spaces in the address encoded or removed"
)
IRI_CHARACTERS = _rule(
    "addresses",
    "iri-characters",
    "caractères interdits de l’adresse encodés (crochets, accolades, %…)",
    "characters that no address may hold encoded (brackets, braces, %…)",
)
IRI_SCHEME = _rule(
    "addresses", "iri-scheme", "adresse sans « http:// », complétée", "address without `http://`, completed"
)
IRI_TYPO = _rule("addresses", "iri-typo", "faute de frappe dans « http:// » corrigée", "misspelt `http://` corrected")
IRI_SEVERAL = _rule(
    "addresses", "iri-several", "plusieurs adresses en une, séparées", "several addresses in one, split"
)
IRI_AS_TEXT = _rule(
    "addresses",
    "iri-as-text",
    "adresse donnée comme texte, publiée comme lien",
    "address given as a text, published as a link",
)
IRI_QNAME = _rule(
    "addresses", "iri-qname", "nom abrégé développé en adresse complète", "abbreviated name expanded to an address"
)
IRI_RELATIVE = _rule(
    "addresses",
    "iri-relative",
    "adresse relative complétée par celle du document",
    "relative address completed by that of the document",
)
TEXT_AS_IRI = _rule(
    "addresses",
    "text-as-iri",
    "texte à la place d’une adresse, publié comme libellé",
    "text in place of an address, published as a label",
)
EMAIL = _rule("addresses", "email", "adresse électronique écrite « mailto: »", "e-mail address written with `mailto:`")
TELEPHONE = _rule(
    "addresses", "telephone", "numéro de téléphone écrit « tel: »", "telephone number written with `tel:`"
)

DATE_FORM = _rule("dates", "date-form", "date récrite selon ISO 8601", "date rewritten after ISO 8601")
DATE_TYPE = _rule(
    "dates", "date-type", "type de date accordé à sa valeur", "datatype of the date brought into line with its value"
)
DATE_ZONE = _rule("dates", "date-zone", "fuseau de la source ajouté à l’heure", "the source's zone added to the time")
PERIOD_WORDS = _rule("dates", "period-words", "période en toutes lettres, comprise", "period in words, understood")

HTML = _rule("texts", "html", "balisage HTML ôté", "HTML markup removed")
WHITESPACE = _rule("texts", "whitespace", "espaces superflues ôtées", "superfluous white space removed")
INVISIBLE = _rule("texts", "invisible", "caractères invisibles ôtés", "invisible characters removed")
MOJIBAKE = _rule(
    "texts",
    "mojibake",
    "accents mal décodés rétablis (« Ã© » → « é »)",
    "wrongly decoded accents restored (`Ã©` → `é`)",
)
LOST_CHARACTER = _rule(
    "texts",
    "lost-character",
    "un caractère a été perdu à la source (�) ; corrigez-le sur le portail",
    "a character was lost at the source (�); correct it there",
)
KEYWORDS = _rule("texts", "keywords", "mots-clés réunis par des virgules, séparés", "keywords joined by commas, split")
LANGUAGE_TAG = _rule(
    "texts", "language-tag", "code de langue récrit selon BCP 47", "language tag rewritten after BCP 47"
)
WRONG_LANGUAGE = _rule(
    "texts",
    "wrong-language",
    "le texte n’est pas dans la langue annoncée ; code de langue corrigé",
    "the text is not in the language that its tag says; tag corrected",
)

VOCABULARY = _rule(
    "words", "vocabulary", "remplacé par le terme du vocabulaire européen", "replaced by the term of the EU vocabulary"
)
LICENCE_TEXT = _rule("words", "licence-text", "licence reconnue dans son texte", "licence recognised in its words")
LICENCE_CONFLICT = _rule(
    "words",
    "licence-conflict",
    "le nom et l’adresse de la licence se contredisent ; seul le texte est publié",
    "name and address of the licence contradict one another; only the words are published",
)
AS_STATEMENT = _rule(
    "words",
    "as-statement",
    "texte publié comme déclaration avec ce libellé",
    "text published as a statement with this label",
)
NUMBER = _rule("words", "number", "nombre récrit (« 12 Ko » → 12288)", "number rewritten (`12 KB` → 12288)")
SIDES = _rule(
    "words", "sides-swapped", "ouest et est de l’emprise inversés, remis en ordre", "west and east swapped, put right"
)
GEOMETRY = _rule("words", "geometry", "géométrie récrite en WKT", "geometry rewritten as WKT")

DATATYPE = _rule("statements", "datatype", "type de littéral inconnu, ôté", "unknown datatype of a literal taken off")
DEPRECATED = _rule(
    "statements",
    "deprecated",
    "terme périmé remplacé par celui de DCAT 3",
    "superseded term replaced by that of DCAT 3",
)
MISSPELT = _rule("statements", "misspelt", "terme mal orthographié corrigé", "misspelt term corrected")
NAMED = _rule("statements", "named", "nœud anonyme nommé", "blank node named")
ACCESS_URL = _rule(
    "statements",
    "access-url",
    "l’adresse de téléchargement tient lieu d’adresse d’accès, obligatoire",
    "the download address stands for the access address, which is mandatory",
)
OTHER_IDENTIFIER = _rule(
    "statements",
    "other-identifier",
    "un jeu de données porte un seul « dct:identifier » ; celui-ci devient « adms:identifier »",
    "a dataset bears one `dct:identifier`; this one becomes an `adms:identifier`",
)
MINTED = _rule(
    "statements",
    "minted",
    "IRI qui n’identifie rien durablement, remplacée ; l’ancienne reste comme « adms:identifier »",
    "IRI that identifies nothing lastingly, replaced; the old one stays as `adms:identifier`",
)
NAME_FROM_LABEL = _rule(
    "statements",
    "name-from-label",
    "le libellé tient lieu de nom, obligatoire",
    "the label stands for the name, which is mandatory",
)
DUPLICATE = _rule("statements", "duplicate", "déjà dit", "said already")
SURPLUS = _rule(
    "statements",
    "surplus",
    "une seule valeur est admise ; une autre est publiée",
    "only one value is allowed; another one is published",
)
OTHER_RESOURCE = _rule(
    "statements",
    "other-resource",
    "décrit une autre ressource du catalogue, moissonnée à part",
    "describes another resource of the catalogue, harvested by itself",
)
RECOVERED = _rule(
    "documents",
    "recovered",
    "document incorrect, lu instruction par instruction",
    "faulty document, read statement by statement",
)
