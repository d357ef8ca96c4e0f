"""`garonne init`: a commented settings file to start from."""

from __future__ import annotations

from pathlib import Path

import click

from catalog.commands.support import say
from catalog.errors import UsageError
from catalog.settings import FILE

TEMPLATE = """\
# Settings of a Garonne catalogue. `garonne config show` lists every setting with its meaning and default.

[catalog]
base = "http://127.0.0.1:8080/"            # base IRI of everything that is published; https in production
title.fr = "Catalogue de données de Toulouse Métropole"
title.en = "Data catalogue of Toulouse Métropole"
description.fr = "Les jeux de données de la métropole et de ses communes, décrits selon DCAT-AP 3."
publisher = { name = "Toulouse Métropole", type = "LocalAuthority", homepage = "https://metropole.toulouse.fr/" }
languages = ["fr"]
spatial = "FRA"                            # where the catalogue is about; reporting on high-value datasets asks for it

[store]
path = "var"                               # store, releases and bookkeeping

[[source]]
id = "toulouse"
kind = "opendatasoft"
url = "https://data.toulouse-metropole.fr"
schedule = "0 3 * * *"
# allow_private = true                     # when the portal is at a private or loopback address

[source.identity]                          # what aggregators already know each dataset by, kept byte for byte
identifier = "{url}/explore/dataset/{dataset_id}/"

[source.guard]                             # a listing that loses more than this is held, not believed
max_withdrawn = 0.10
min_withdrawn = 5

# [source.defaults]                        # used only where a record says nothing
# licence = "ETALAB_2_0"

# [[source]]                               # saved responses of a portal, in a file or a folder
# id = "saved"
# kind = "files"
# path = "responses/"
# url = "https://data.toulouse-metropole.fr"

# [[source]]                               # CKAN, and DKAN; the portal's root
# id = "ckan"
# kind = "ckan"
# url = "https://data.example.fr"
# options = { fq = "organization:ville" }

# [[source]]                               # data.gouv.fr, or another portal that runs udata
# id = "datagouv"
# kind = "udata"
# url = "https://www.data.gouv.fr"
# options = { organizations = ["ville-de-toulouse"], reuses = true }

# [[source]]                               # a catalogue in RDF, at an address or in a file, paged or not
# id = "rdf"
# kind = "dcat"
# url = "https://data.example.fr/catalog.ttl"

# [[source]]                               # another SPARQL endpoint
# id = "sparql"
# kind = "sparql"
# url = "https://data.example.fr/sparql"
# options = { graph = "https://data.example.fr/catalogue" }

# [[source]]                               # a catalogue of geographic data (CSW), as GeoNetwork has one
# id = "geo"
# kind = "csw"
# url = "https://geo.example.fr/geonetwork/srv/fre/csw"

# [[source]]                               # data.json, as ArcGIS Hub publishes it
# id = "hub"
# kind = "dcat-us"
# url = "https://hub.example.fr/api/feed/dcat-us/1.1.json"

# [[source]]                               # a repository that speaks OAI-PMH
# id = "depot"
# kind = "oai-pmh"
# url = "https://depot.example.fr/oai"

# [[source]]                               # inventories kept as tables: the SCDL's catalogue, or columns of your own
# id = "inventaire"
# kind = "scdl"
# path = "inventaires/"
# options = { columns = { TITRE = "Nom du jeu" } }

# [[source]]                               # a department's database: each table a dataset, with its columns
# id = "voirie"
# kind = "table"
# url = "https://www.example.fr/voirie"    # where people reach the data
# options.database = "postgresql://catalogue@bdd.example.fr/voirie"
# options.password_env = "VOIRIE_PASSWORD"
# options.exclude = ["tmp_*"]
# [source.titles]
# troncon = "Tronçons de voie"

# [[source]]                               # a folder of CSV, Parquet and GeoJSON files
# id = "partage"
# kind = "table"
# path = "/srv/opendata"
# url = "https://fichiers.example.fr/opendata/"

[[agent]]                                  # the register of publishers: sources name them by free text
name = "Toulouse Métropole"
aliases = ["Toulouse métropole", "TM", "Toulouse Metropole"]
type = "LocalAuthority"
homepage = "https://metropole.toulouse.fr/"

# [mapping]                                # the city's own words, CSV files with the columns value,target
# themes = "mapping/themes.csv"

[validation]
profiles = ["dcat-ap-3", "dcat-ap-3-recommended", "dcat-ap-3-vocabularies"]
# "garonne" added to these reports titles that are file names, descriptions too short, contacts without an address…
"""


@click.command()
@click.argument("folder", required=False, type=click.Path(path_type=Path), default=Path())
def init(folder: Path) -> None:
    """Write a commented garonne.toml into FOLDER (this one by default), ready for Toulouse Métropole's portal."""
    target = folder / FILE
    if target.exists():
        raise UsageError(
            "there is a settings file already.", what=str(target), hint="Edit it, or choose another folder."
        )
    folder.mkdir(parents=True, exist_ok=True)
    target.write_text(TEMPLATE, encoding="utf-8")
    say(f"Wrote {target}. Next: `garonne sources check`, then `garonne harvest run`, then `garonne serve`.")
