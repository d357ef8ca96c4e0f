"""What the RDF parsers say, for people: where, what to do next; and in French, with the quoted parts kept as they are.

The parsers speak English only. What is not in the table stays in English, and is introduced as such.
"""

from __future__ import annotations

import re
from xml.parsers import expat
from xml.sax.saxutils import escape

from pyoxigraph import RdfFormat

from shapes.text import Text, visible
from vocab.errors import InputInvalid

_FRENCH: tuple[tuple[str, str], ...] = (
    (r"Unexpected end of file, a value was expected", "le document s’arrête là où une valeur est attendue"),
    (r"Unexpected end(?: of file)?", "le document s’arrête au milieu d’un énoncé"),
    (r"Invalid IRI code point (.+)", "le caractère {0} n’est pas permis dans un IRI"),
    (r"Invalid IRI percent encoding (.+)", "dans un IRI, {0} n’est pas un codage en pourcent correct"),
    (r"Invalid character (.+) in host", "le caractère {0} n’est pas permis dans le nom d’hôte d’un IRI"),
    (r"Invalid character (.+)", "le caractère {0} n’est pas permis dans un IRI"),
    (r"No scheme found in an absolute IRI", "un IRI est relatif, et rien ne dit à quelle adresse"),
    (r"The PREFIX keyword should be followed by a prefix like (.+)", "après PREFIX, un préfixe est attendu, comme {0}"),
    (
        r"The PREFIX declaration should be followed by a prefix and its value as an IRI",
        "après PREFIX, un préfixe et son IRI entre < et > sont attendus",
    ),
    (
        r"The BASE (?:keyword|declaration) should be followed by .*IRI.*",
        "après BASE, un IRI entre < et > est attendu",
    ),
    (r"(.+) is not allowed at the beginning of a prefix name", "un préfixe ne peut pas commencer par {0}"),
    (r"(.+) is not allowed in JSON strings", "{0} n’est pas permis dans un texte JSON"),
    (r"(.+) is not a valid subject or graph name", "{0} ne peut être ni un sujet ni le nom d’un graphe"),
    (r"(.+) is not a valid (?:subject|graph name)", "{0} ne peut pas être un sujet"),
    (r"(.+) is not a valid predicate", "{0} ne peut pas être une propriété"),
    (r"(.+) is not a valid RDF object", "{0} ne peut pas être une valeur"),
    (r"(.+) is not a valid escape sequence", "{0} n’est pas une séquence d’échappement"),
    (r"(.+) is not a valid datatype", "{0} n’est pas un type de données"),
    (r"A language code should always start with a letter", "une langue commence par une lettre, comme dans @fr"),
    (r"The given language subtag is invalid", "cette langue n’existe pas\u00a0; écrivez par exemple @fr"),
    (r"A dot is expected at the end of (?:statements|declarations)", "un point manque à la fin de l’énoncé"),
    (r"(?:Triples|Quads) (?:should|must) be followed by a dot", "un point manque à la fin de l’énoncé"),
    (r"The prefix (.+) has not been declared", "le préfixe {0} n’est pas déclaré"),
    (r"Unknown prefix (.+)", "le préfixe {0} n’est pas déclaré"),
    (r"Unexpected escape character (.+)", "le caractère {0} ne peut pas suivre une barre oblique inversée"),
    (r"Unexpected (?:character|char|byte):? (.+)", "le caractère {0} n’est pas attendu ici"),
    (r"blank node property lists should end with a (.+)", "un nœud anonyme se ferme par {0}"),
    (r"Expecting a datatype IRI after \^\^, found (.+)", "après ^^, le type est attendu, et non {0}"),
    (r"A blank node ID cannot be empty", "un nœud anonyme n’a pas de nom après _:"),
    (r"The subject of a triple must be .+", "le sujet d’un énoncé est un IRI ou un nœud anonyme"),
    (r"The predicate of a triple must be .+", "la propriété d’un énoncé est un IRI"),
    (r"The object of a triple must be .+", "la valeur d’un énoncé est un IRI, un nœud anonyme ou un littéral"),
    (r"[Ll]ine jumps are not allowed .+", "un saut de ligne coupe un énoncé ou un texte"),
    (r"Only a single triple or quad can be written in a line, found (.+)", "une ligne ne tient qu’un énoncé"),
    (r"syntax error: tag not closed: .+", "une balise n’est pas fermée"),
    (
        r"syntax error: (?:processing instruction or xml declaration|comment|CDATA section|DOCTYPE) not closed.*",
        "une déclaration ou un commentaire n’est pas fermé",
    ),
    (r"ill-formed document: expected (.+), but (.+) was found", "{0} est attendu, et {1} est là"),
    (r"ill-formed document: (?:start tag not closed|missing end tag): (.+?)(?: not found.*)?", "{0} n’est pas fermée"),
    (r"ill-formed document: close tag (.+) does not match any open tag", "{0} ferme une balise qui n’est pas ouverte"),
    (
        r"error while parsing IRI (.+?): Invalid IRI code point (.+)",
        "dans l’IRI {0}, le caractère {1} n’est pas permis",
    ),
    (r"error while parsing IRI (.+?): No scheme found.*", "l’IRI {0} est relatif, et rien ne dit à quelle adresse"),
    (r"error while parsing IRI (.+?): (?:Invalid).+", "l’IRI {0} n’est pas correct"),
    (r"error while parsing language tag (.+?): .+", "la langue {0} n’existe pas\u00a0; écrivez par exemple fr"),
    (r"error while parsing attribute: .+", 'un attribut est mal écrit\u00a0: nom="valeur" est attendu'),
    (r"(?:at .+: )?unrecognized entity (.+)", "l’entité {0} n’existe pas\u00a0; & s’écrit &amp;"),
    (r"Error while escaping character at range .+", "un & n’est suivi d’aucun point-virgule\u00a0: il s’écrit &amp;"),
    (r"Unexpected text event: (.+)", "le texte {0} n’est pas attendu entre deux balises"),
    (r"Unexpected node, a text value is already present", "une balise suit un texte dans la même propriété"),
    (r"XML namespaces are required in RDF/XML", "une balise n’a pas d’espace de noms (xmlns)"),
    (r"Invalid property element tag name: (.+)", "la balise {0} ne peut pas être une propriété"),
    (r"Object keys must be strings", "un nom est attendu, entre guillemets"),
    (r"Object values must be followed by a comma .+", "une virgule ou une accolade fermante manque"),
    (r"Array values must be followed by a comma .+", "une virgule ou un crochet fermant manque"),
    (r"(true|false|null) expected", "{0} est attendu"),
    (r"Unexpected key in term definition (.+)", "le contexte définit un terme par {0}, que JSON-LD ne connaît pas"),
    (r"@type value (.+) must be an IRI: .+", "le type {0} n’est pas un IRI"),
    (r"@value and @id are incompatible", "@value et @id ne vont pas ensemble"),
    (r"Objects with @value cannot contain properties, (.+) found", "à côté de @value, {0} n’est pas permis"),
    (r"No @vocab key to build an IRI from context (.+?) term definition", "le contexte ne dit pas ce qu’est {0}"),
    (r"Unexpected comma, no values to separate", "une virgule ne sépare rien"),
    (r"Unexpected colon, no key to follow", "un deux-points ne suit aucun nom"),
    (r"Unexpected closing .+", "un crochet ou une accolade fermante n’en ferme aucune"),
    (r"The JSON already contains one root element", "quelque chose suit la fin du document JSON"),
    (r"Trailing commas are not allowed", "une virgule est de trop à la fin"),
    (
        r"its @context is at another address, and nothing is fetched while reading",
        "son @context est à une autre adresse, et rien n’est téléchargé à la lecture",
    ),
)


def french(reason: str) -> str:
    """The parser's reason in French; as it is, and introduced as English, where the table does not know it."""
    for pattern, said in _FRENCH:
        found = re.fullmatch(pattern, reason, re.DOTALL)
        if found:
            return said.format(*found.groups())
    return f"l’analyseur dit, en anglais\u00a0: {reason}"


def broken(error: SyntaxError, rdf_format: RdfFormat, name: str, body: bytes) -> InputInvalid:
    """The error of a document that does not parse, with line and column where the parser knows them."""
    reason = visible(re.sub(r"^Parser error (?:at|between) line .*?: ", "", str(error.msg))).rstrip(".")
    line, column = (error.lineno, error.offset) if error.lineno else _position(body, rdf_format, reason)
    where = f"{name}, line {line}, column {column}" if line else name
    at = f"ligne {line}, colonne {column}\u00a0: " if line else ""
    hint = Text("Vérifiez le document à cet endroit.", "Check the document there.")
    if line and line >= body.count(b"\n") and _cut(reason, body, column or 0):
        hint = Text(
            "La fin semble manquer\u00a0: reprenez-le en entier.", "Its end seems to be missing: get it again, whole."
        )
    if "context" in reason.lower() and "load" in reason.lower():
        reason = "its @context is at another address, and nothing is fetched while reading"
        hint = Text(
            "Mettez le contenu du contexte dans le document.", "Put the content of the context into the document."
        )
    elif "No scheme found" in reason:
        hint = Text(
            "Un IRI relatif demande une base\u00a0: écrivez des IRI entiers, ou @base.",
            "A relative IRI needs a base: write full IRIs, or @base.",
        )
    return InputInvalid(
        f"this is not correct {rdf_format.name}: {reason}.",
        what=where,
        hint=hint.en,
        french=f"{at}ce n’est pas du {rdf_format.name} correct\u00a0: {french(reason)}.",
        french_hint=hint.fr,
    )


def _cut(reason: str, body: bytes, column: int) -> bool:
    """Whether an error on the last line may come from a missing end: the parser met it, or stands on it."""
    last = body.rstrip().rpartition(b"\n")[2]
    return reason.startswith("Unexpected end") or "not closed" in reason or column >= len(last.decode(errors="replace"))


def _position(body: bytes, rdf_format: RdfFormat, reason: str) -> tuple[int | None, int | None]:
    """Line and column of an error in RDF/XML, whose parser names none: of broken markup, or of the text it quotes."""
    if rdf_format != RdfFormat.RDF_XML:
        return None, None
    try:
        expat.ParserCreate().Parse(body, True)
    except expat.ExpatError as error:
        return error.lineno, error.offset + 1
    quoted = re.search(r"'(.+?)'|^(\S+) is not", reason)
    at = body.find(escape(quoted[1] or quoted[2]).encode()) if quoted else -1
    if at < 0:
        return None, None
    return body.count(b"\n", 0, at) + 1, at - body.rfind(b"\n", 0, at)
