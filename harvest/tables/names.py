"""What the names of columns tell: which look personal, which hold coordinates, which say when a row changed."""

from __future__ import annotations

import re
from collections.abc import Iterable

from vocab.terms import normalise


def _listed(text: str) -> tuple[str, ...]:
    return tuple(part.strip() for part in text.split(","))


_SURELY = frozenset(
    _listed(
        "prenom, prenoms, patronyme, email, emails, mail, mails, courriel, courriels, mel, telephone, telephones, tel, "
        "portable, gsm, nir, iban, rib, bic, naissance, civilite, passeport, nationalite, mdp, password, passwd, "
        "motdepasse, immatriculation, firstname, lastname, surname, birthdate, birthday, birth, ssn, phone, mobile, "
        "allocataire, beneficiaire, usager, eleve, patient, handicap, handicape, religion, biometrie, empreinte, ip, "
        "login, username"
    )
)
"""Words that make a column personal wherever they stand in its name."""
_TOGETHER = _listed(
    "securite sociale, num secu, numero secu, no secu, e mail, date naiss, lieu naiss, nom naiss, nom usage, "
    "nom famille, nom marital, nom jeune fille, nom agent, nom usager, nom contact, nom responsable, nom demandeur, "
    "nom proprietaire, nom titulaire, nom client, nom complet, full name, first name, last name, user name, "
    "adresse personnelle, adresse perso, adresse domicile, situation familiale, quotient familial, permis conduire, "
    "carte identite, numero fiscal, mot passe, home address, date birth"
)
_ALONE = frozenset(_listed("nom, noms, sexe, genre, age, signature, agent, contact"))
"""Names that are personal by themselves, and usual parts of others that are not (`nom_commune`)."""
_COUNTS = frozenset(
    _listed("nb, nbre, nombre, total, taux, pct, pourcentage, part, effectif, effectifs, count, number")
)
"""Words that make a column a figure about persons, and not about one (`nb_eleve`)."""
_STOP = frozenset(_listed("de, du, d, la, le, l, of, the"))

LONGITUDE = frozenset(_listed("longitude, lon, long, lng, x wgs84, coord x wgs84, wgs84 lon, geo long"))
LATITUDE = frozenset(_listed("latitude, lat, y wgs84, coord y wgs84, wgs84 lat, geo lat"))
POINT = frozenset(_listed("geo point, geo point 2d, geopoint, coordonnees gps, latlon, lat lon"))
_CHANGED = _listed(
    "date maj, maj, date mise a jour, date de mise a jour, date modif, date modification, date de modification, "
    "derniere modification, derniere maj, updated at, modified at, last update, last updated, last modified, "
    "last edited date, updated, modified, modified date, update date, date derniere maj, dt maj, d maj"
)


def words(name: str) -> str:
    """The words of a name, in lower case and without accents: `Date_Naissance`, `dateNaissance` → `date naissance`."""
    return normalise(re.sub(r"(?<=[a-z0-9])(?=[A-Z])", " ", name).replace("_", " ").replace(".", " ").replace("-", " "))


def looks_personal(name: str) -> bool:
    """Whether a column of this name probably holds personal data (GDPR, article 4): a name, a way to reach somebody,
    a number that identifies somebody."""
    found = [w for w in words(name).split() if w not in _STOP]
    together = " ".join(found)
    return not _COUNTS.intersection(found) and (
        together in _ALONE
        or any(w in _SURELY for w in found)
        or any(re.search(rf"(?:^| ){one}", together) for one in _TOGETHER)
    )


def personal(names: Iterable[str]) -> list[str]:
    """Those of the names that look personal, in their order."""
    return [n for n in names if looks_personal(n)]


def last_change(names: Iterable[str]) -> str:
    """The column that says when a row was last changed; empty where none does."""
    known = {words(n): n for n in names}
    return next((known[one] for one in _CHANGED if one in known), "")


def position(names: Iterable[str]) -> tuple[str, str] | None:
    """The columns of longitude and latitude, where there is exactly one of each."""
    given = list(names)
    east = [n for n in given if words(n) in LONGITUDE]
    north = [n for n in given if words(n) in LATITUDE]
    return (east[0], north[0]) if len(east) == len(north) == 1 else None


def humanised(name: str) -> str:
    """A title made of a technical name: `arbres_d-alignement.csv` → `Arbres d alignement`."""
    plain = re.sub(r"\s+", " ", re.sub(r"[_\-.]+", " ", re.sub(r"(?<=[a-z0-9])(?=[A-Z])", " ", name))).strip()
    return plain[:1].upper() + plain[1:] if plain else name
