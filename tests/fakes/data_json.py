"""A `data.json` on a server, as DCAT-US has it."""

from __future__ import annotations

import json
from typing import Any


def dataset(identifier: str, **more: Any) -> dict[str, Any]:
    """A small dataset."""
    return {
        "@type": "dcat:Dataset",
        "identifier": identifier,
        "title": f"Dataset {identifier}",
        "description": "<p>Trees &amp; <b>shrubs</b>.</p>",
        "keyword": ["trees"],
        "modified": "2024-05-06",
        "accessLevel": "public",
        "bureauCode": ["018:001"],
        "publisher": {"@type": "org:Organization", "name": "City"},
        "contactPoint": {"@type": "vcard:Contact", "fn": "Desk", "hasEmail": "mailto:desk@city.org"},
        "license": "https://creativecommons.org/publicdomain/zero/1.0/",
        "distribution": [
            {"@type": "dcat:Distribution", "downloadURL": f"https://city.org/{identifier}.csv", "mediaType": "text/csv"}
        ],
        **more,
    }


def document(*datasets: Any, **more: Any) -> bytes:
    """The catalogue with these datasets."""
    head = {
        "@context": "https://project-open-data.cio.gov/v1.1/schema/catalog.jsonld",
        "@type": "dcat:Catalog",
        "conformsTo": "https://project-open-data.cio.gov/v1.1/schema",
    }
    return json.dumps({**head, "dataset": list(datasets), **more}).encode()
