"""The words of previews, in both languages."""

from __future__ import annotations

from vocab.text import Text

PHRASES: dict[str, Text] = {
    "head": Text(
        "{title}, lisant {feed}\u00a0: {pages} page(s), {datasets} jeux de données",
        "{title}, reading {feed}: {pages} page(s), {datasets} datasets",
    ),
    "sums": Text(
        "pris {taken} (dont {losing} avec une perte), passés {skipped}, rejetés {failed}, de forte valeur {hvd}",
        "taken {taken} ({losing} of them with a loss), skipped {skipped}, rejected {failed}, of high value {hvd}",
    ),
    "abandoned": Text(
        "LE MOISSONNAGE SERAIT ABANDONNÉ\u00a0: rien ne serait mis à jour, rien ne serait effacé.",
        "THE HARVEST WOULD BE ABANDONED: nothing would be updated, nothing deleted.",
    ),
    "organisation": Text("Organisation\u00a0: {words}", "Organisation: {words}"),
    "abandon": Text("abandon", "abandoned"),
    "fail": Text("rejeté", "rejected"),
    "skip": Text("passé", "skipped"),
    "drop": Text("ressource perdue", "resource lost"),
    "lose": Text("perte", "loss"),
    "note": Text("à savoir", "note"),
    "more": Text("… et {number} autres (--json les donne tous)", "… and {number} more (--json gives all)"),
    "since": Text("Depuis l’édition {number}\u00a0:", "Since release {number}:"),
    "against": Text("Comparé à {feed}\u00a0:", "Compared with {feed}:"),
    "fates": Text(
        "jeux de données\u00a0: reconnus {same} sans changement et {changed} modifiés, nouveaux {new}, "
        "DOUBLÉS {doubled}, disparus {gone}, figés {stuck}",
        "datasets: recognised {same} unchanged and {changed} changed, new {new}, "
        "DOUBLED {doubled}, gone {gone}, stuck {stuck}",
    ),
    "resource_fates": Text(
        "leurs ressources\u00a0: reconnues {same} sans changement et {changed} modifiées, nouvelles {new}, "
        "DOUBLÉES {doubled}, disparues {gone} (une ressource disparue\u00a0: {words})",
        "their resources: recognised {same} unchanged and {changed} changed, new {new}, "
        "DOUBLED {doubled}, gone {gone} (a resource that is gone: {words})",
    ),
    "fate_doubled": Text(
        "Doublés, {number}\u00a0: pris pour nouveaux, l’ancien étant {words}\u00a0:",
        "Doubled, {number}: taken for new, the old one {words}:",
    ),
    "fate_gone": Text("Disparus, {number}\u00a0: {words}\u00a0:", "Gone, {number}: {words}:"),
    "fate_stuck": Text(
        "Figés, {number}\u00a0: encore là, mais rejetés\u00a0; la copie reste telle quelle\u00a0:",
        "Stuck, {number}: still there, but rejected; the copy stays as it is:",
    ),
    "fate_new": Text("Nouveaux, {number}\u00a0:", "New, {number}:"),
    "fate_changed": Text("Modifiés, {number}\u00a0:", "Changed, {number}:"),
    "doubled_because": Text(
        "{before} devient {after} (reconnaissable à\u00a0: {because})",
        "{before} becomes {after} (recognisable by: {because})",
    ),
    "outcome_taken": Text("{title} le prend.", "{title} takes it."),
    "outcome_skipped": Text("{title} le passe.", "{title} skips it."),
    "outcome_failed": Text(
        "{title} le rejette\u00a0; une copie antérieure reste telle quelle.",
        "{title} rejects it; an earlier copy stays as it is.",
    ),
    "title": Text("Aperçu des agrégateurs", "Previews of aggregators"),
    "lead": Text(
        "Ce que chaque agrégateur fera du flux publié, selon ses propres règles de lecture\u00a0: ce qu’il montrera, "
        "ce qu’il passera ou rejettera, et pourquoi.",
        "What each aggregator will make of the published feed, by its own reading rules: what it will show, "
        "what it will skip or reject, and why.",
    ),
    "who": Text("Agrégateur", "Aggregator"),
    "matching": Text("Ce qu’il prend pour le même", "What it takes for the same"),
    "gone": Text("Un jeu qui disparaît du flux est", "A dataset that leaves the feed is"),
    "cut_over": Text(
        "Avant de changer l’adresse qu’un agrégateur moissonne, comparez avec ce qu’il lit aujourd’hui\u00a0:",
        "Before the address that an aggregator harvests is changed, compare with what it reads today:",
    ),
    "as_seen": Text("Vu par {title}", "As seen by {title}"),
    "of_publisher": Text("Flux du producteur «\u00a0{publisher}\u00a0».", "Feed of the publisher `{publisher}`."),
    "partial": Text(
        "Le catalogue est grand\u00a0: ceci est la page {page} du flux seule. Pour le tout\u00a0: garonne preview.",
        "The catalogue is large: this is page {page} of the feed alone. For all of it: garonne preview.",
    ),
    "count_taken": Text("Pris", "Taken"),
    "count_losing": Text("dont avec une perte", "with a loss"),
    "count_failed": Text("Rejetés", "Rejected"),
    "count_skipped": Text("Passés", "Skipped"),
    "rules": Text("Ce qui se perd, et comment y remédier", "What is lost, and how to repair it"),
    "fate": Text("Sort", "Fate"),
    "why": Text("Pourquoi", "Why"),
    "changes": Text("Ce qui change pour lui", "What changes for it"),
    "since_release": Text("Depuis l’édition", "Since release"),
    "compare": Text("Comparer", "Compare"),
    "beside": Text("Côte à côte", "Side by side"),
    "here": Text("Ici", "Here"),
    "left_out": Text("laissée de côté", "left out"),
    "not_in_feed": Text(
        "Ce jeu n’est pas dans ce que l’agrégateur lit du flux.", "This dataset is not in what it reads of the feed."
    ),
    "as_data": Text("Cette page en données", "This page as data"),
    "word_taken": Text("pris", "taken"),
    "word_skipped": Text("passé", "skipped"),
    "word_failed": Text("rejeté", "rejected"),
    "word_doubled": Text("doublé", "doubled"),
    "word_gone": Text("disparu", "gone"),
    "word_stuck": Text("figé", "stuck"),
    "word_new": Text("nouveau", "new"),
    "word_changed": Text("modifié", "changed"),
    "nothing": Text("–", "–"),
    "field_key": Text("Reconnu à", "Known by"),
    "field_kind": Text("Nature", "Kind"),
    "field_title": Text("Titre", "Title"),
    "field_description": Text("Description", "Description"),
    "field_licence": Text("Licence", "Licence"),
    "field_hvd": Text("Forte valeur", "High value"),
    "field_tags": Text("Étiquettes", "Tags"),
    "field_frequency": Text("Fréquence", "Frequency"),
    "field_temporal": Text("Période", "Period"),
    "field_spatial": Text("Territoire", "Place"),
    "field_organisation": Text("Organisation", "Organisation"),
    "field_contacts": Text("Contacts", "Contacts"),
    "field_identifier": Text("Identifiant", "Identifier"),
    "field_issued": Text("Paru", "Issued"),
    "field_modified": Text("Modifié", "Modified"),
    "field_landing": Text("Page d’origine", "Landing page"),
    "field_resources": Text("Ressources", "Resources"),
    "role_contact": Text("contact", "contact"),
    "role_creator": Text("auteur", "creator"),
    "role_publisher": Text("producteur", "publisher"),
    "role_rightsHolder": Text("ayant droit", "rights holder"),
    "role_custodian": Text("gestionnaire", "custodian"),
    "role_distributor": Text("diffuseur", "distributor"),
    "role_originator": Text("à l’origine", "originator"),
    "role_principalInvestigator": Text("responsable scientifique", "principal investigator"),
    "role_processor": Text("traitement", "processor"),
    "role_resourceProvider": Text("fournisseur", "resource provider"),
    "role_user": Text("utilisateur", "user"),
}


def phrase(name: str, lang: str) -> str:
    """One of them; an unknown name is an error."""
    return PHRASES[name].of(lang)
