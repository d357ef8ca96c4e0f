"""The reasons a ledger gives, in French and English."""

from __future__ import annotations

from catalog.model import Text

UNKNOWN_FIELD = Text("champ inconnu", "unknown field")
UNREACHED = Text("ne se rattache pas à la ressource décrite", "is not attached to the resource that is described")
WRONG_TYPE = Text("valeur d’un type inattendu", "value of an unexpected type")
NO_PROPERTY = Text("DCAT-AP n’a pas de propriété pour cela", "DCAT-AP has no property for this")
SUPERSEDED = Text("un champ prioritaire est renseigné", "a field that takes precedence is filled")
NO_PORTAL = Text("l’adresse du portail n’est pas connue", "the address of the portal is not known")

BAD_DATE = Text("date illisible", "unreadable date")
FUTURE_DATE = Text("date dans le futur", "date in the future")
BAD_PERIOD = Text("période non reconnue avec certitude", "period not recognised with certainty")
REVERSED_PERIOD = Text("la fin précède le début", "the end is before the start")

BAD_LANGUAGE = Text("code de langue inconnu", "unknown language code")
BAD_ADDRESS = Text("ce n’est pas une adresse web", "this is not a web address")
PART_OF_ADDRESS = Text("une partie du texte n’est pas une adresse web", "a part of the text is no web address")
BAD_TELEPHONE = Text("numéro de téléphone illisible", "unreadable telephone number")
BAD_NUMBER = Text("ce n’est pas un nombre", "this is not a number")
BAD_DURATION = Text("ce n’est pas une durée ISO 8601", "this is not an ISO 8601 duration")
BAD_EMAIL = Text("adresse électronique invalide", "invalid e-mail address")
ONE_EMAIL = Text("seule la première adresse est publiée", "only the first address is published")

NO_THEME = Text(
    "pas de thème européen correspondant\u00a0; publié comme thème de la ville",
    "no corresponding EU theme; published as the city's own theme",
)
NO_INSPIRE_THEME = Text("thème INSPIRE inconnu", "unknown INSPIRE theme")
NO_HVD_CATEGORY = Text("catégorie de données de forte valeur inconnue", "unknown category of high-value datasets")


def joined(first: Text, second: Text) -> Text:
    """Two sentences after one another."""
    return Text(f"{first.fr} {second.fr}", f"{first.en} {second.en}")


def part_without_theme(parts: tuple[str, ...]) -> Text:
    """Which parts of a theme have no EU theme although the rest has."""
    named = ", ".join(f"« {p} »" for p in parts)
    return Text(f"sans thème européen\u00a0: {named}", f"no EU theme for: {', '.join(parts)}")


KEPT_AS_RIGHTS = Text("Le texte est publié comme mention de droits.", "Its text is published as a rights statement.")
DELIBERATE = Text("laissé sans terme par la table de la collectivité", "left without a term by the city's own table")
NAMED_BY_CODE = Text("le lieu est celui du code géographique", "the place is that of the geographic code")
NO_LICENCE = Text(
    "licence non reconnue\u00a0; le texte est publié comme mention de droits",
    "licence not recognised; its text is published as a rights statement",
)
NO_FREQUENCY = Text("fréquence inconnue", "unknown frequency")
NO_ACCESS_RIGHT = Text("droit d’accès inconnu", "unknown access right")
NO_PUBLISHER_TYPE = Text("type d’éditeur inconnu", "unknown publisher type")
NO_SUCH_PROPERTY = Text(
    "propriété sans adresse\u00a0: on ne sait ce qu’elle veut dire",
    "property without an address: what it means is unknown",
)
NO_TERM = Text("terme absent du vocabulaire européen", "no term of the EU vocabulary")
NO_AGENT_NAME = Text("organisme ou contact sans nom ni adresse", "body or contact with neither a name nor an address")
NO_ALGORITHM = Text("somme de contrôle sans algorithme connu", "checksum without a known algorithm")
NO_AGENT = Text("il n’y a pas d’éditeur à qui l’attribuer", "there is no publisher to give it to")
NO_STANDARD = Text("ni adresse web ni schéma national connu", "neither a web address nor a known national schema")
NO_PLACE = Text("lieu inconnu\u00a0; publié comme simple libellé", "unknown place; published as a mere label")
NO_PLACE_CODE = Text("code de lieu inconnu", "unknown place code")
NOT_A_PLACE = Text("c’est une fréquence, pas un lieu", "this is a frequency, not a place")
BAD_BOX = Text("emprise hors du globe ou coordonnées inversées", "extent off the globe, or swapped coordinates")
FLAT_BOX = Text("emprise réduite à un point ou à une ligne", "extent reduced to a point or a line")
NO_COLUMNS = Text("pas d’export CSV que les colonnes décriraient", "no CSV export that the columns would describe")
SAME_COLUMN = Text("une autre colonne porte ce nom", "another column has this name")
NO_FILE = Text("fichier sans identifiant ni adresse", "file with neither an identifier nor an address")
SPLIT_ON_COMMAS = Text("découpé aux virgules", "split on commas")
REPEATED = Text("répété dans un modèle de métadonnées", "repeated in a metadata template")
EMPTY_TEXT = Text("aucun texte une fois le balisage retiré", "no text once the markup is removed")
NO_ZONE = Text("fuseau horaire inconnu", "unknown time zone")
NO_ORIGIN = Text("l’adresse d’origine est incomplète", "the address of origin is incomplete")
DISPLAY = Text("réglage d’affichage du portail", "display setting of the portal")
NO_FORMAT = Text("format inconnu", "unknown format")
NOT_HIGH_VALUE = Text("n’est pas une donnée de forte valeur", "is not a high-value dataset")
