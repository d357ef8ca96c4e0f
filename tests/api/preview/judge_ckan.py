"""What the real ckanext-dcat makes of the pages of a feed, as JSON lines: run by a Python that has it and CKAN.

`python judge_ckan.py PROFILE PAGE.ttl…`. The parser reads each page as the harvester does; tags then go through the
validators that CKAN has for them. The last line says which page each page leads to.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any


def main() -> None:
    """Reads the pages, writes a line for each dataset, then the links."""
    from ckan.common import config
    from ckanext.dcat.processors import RDFParser

    config["ckan.locale_default"] = "fr"
    profile, *files = sys.argv[1:]
    following = []
    for file in files:
        parser = RDFParser(profiles=[profile])
        parser.parse(Path(file).read_text(encoding="utf-8"), _format="text/turtle")
        for dataset in parser.datasets():
            print(json.dumps(_dataset(dataset)))
        following.append(parser.next_page())
    print(json.dumps({"following": following}))


def _dataset(dataset: dict[str, Any]) -> dict[str, Any]:
    extras = {extra["key"]: extra["value"] for extra in dataset["extras"]}
    tags = [tag["name"] for tag in dataset["tags"]]
    return {
        "key": extras.get("uri") or extras.get("identifier") or dataset.get("name") or dataset.get("title"),
        "kind": "dataset",
        "outcome": "taken" if dataset.get("title") and all(map(_valid, tags)) else "failed",
        "title": dataset.get("title", ""),
        "description": dataset.get("notes", ""),
        "licence": dataset["license_id"],
        "tags": sorted(set(tags)),
        "hvd": sorted(json.loads(extras.get("hvd_category", "[]"))),
        "frequency": extras.get("frequency", ""),
        "temporal": [extras.get("temporal_start", ""), extras.get("temporal_end", "")],
        "spatial": any(key.startswith("spatial") and not key.startswith("spatial_res") for key in extras),
        "contacts": [
            [role, *(extras.get(f"{role}_{key}", "") for key in ("name", "email", "url"))]
            for role in ("contact", "publisher", "creator")
            if any(key.startswith(f"{role}_") for key in extras)
        ],
        "issued": extras.get("issued", ""),
        "modified": extras.get("modified", ""),
        "landing": dataset.get("url", ""),
        "resources": sorted(_resource(resource) for resource in dataset["resources"]),
    }


def _valid(tag: str) -> bool:
    from ckan.logic import validators
    from ckan.plugins.toolkit import Invalid

    try:
        validators.tag_length_validator(tag, {})
        validators.tag_name_validator(tag, {})
    except Invalid:
        return False
    return True


def _resource(resource: dict[str, Any]) -> list[str]:
    from ckan.lib.helpers import unified_resource_format

    return [
        resource["uri"],
        resource.get("name", ""),
        resource["url"],
        unified_resource_format(resource.get("format", "")),
        resource.get("mimetype", ""),
        str(resource.get("size", "")),
    ]


if __name__ == "__main__":
    main()
