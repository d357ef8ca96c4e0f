"""The process that checks one document, or gets it: hostile input is never parsed where others are served.

Started by `api.checks` as `python -m api.checker JOB`, with the document on standard input. The result goes to standard
output: a line of JSON, then the report or the document. It ends with 0, or with 1 and one line of JSON on standard
error that says why. It is expected to die: by its limits, or killed.
"""

from __future__ import annotations

import json
import resource
import sys
from pathlib import Path
from typing import Any

from catalog import sandbox
from vocab.errors import GaronneError

RESULT = 64 * 1024 * 1024
"""Bytes that a report may have."""


def main(job: dict[str, Any]) -> int:
    """Do the job. What goes wrong is told in one line."""
    sandbox.die_with_parent()
    sandbox.limit(job["memory"] + 512 * 1024 * 1024)  # the program itself; its resident memory is watched
    resource.setrlimit(resource.RLIMIT_FSIZE, (job["most"], job["most"]))
    resource.setrlimit(resource.RLIMIT_CPU, (int(job["seconds"]) + 1, int(job["seconds"]) + 2))
    sys.setrecursionlimit(500)
    try:
        head, body = fetched(job) if job["kind"] == "fetch" else checked(job)
        sys.stdout.buffer.write(json.dumps(head).encode() + b"\n" + body)
        sys.stdout.buffer.flush()
    except GaronneError as e:
        return told({"kind": type(e).__name__, "status": e.status, **vars(e)})
    except MemoryError:
        return told({"kind": "memory"})
    except RecursionError:
        return told({"kind": "nested"})
    except OSError as e:
        return told({"kind": "output", "message": str(e)})
    return 0


def told(reason: dict[str, Any]) -> int:
    """Say why on standard error; the exit code for it."""
    sys.stderr.write(f"\n{json.dumps(reason)}\n")
    return 1


def fetched(job: dict[str, Any]) -> tuple[dict[str, Any], bytes]:
    """The document at an address, by the guarded client; its media type is in the head."""
    from catalog.web import Client

    client = Client(timeout=job["seconds"] / 2, patience=job["seconds"], retries=0, allow_private=job["private"])
    accept = "text/turtle, application/ld+json;q=0.9, application/rdf+xml;q=0.9, application/n-triples;q=0.8, */*;q=0.1"
    try:
        body, content_type = client.get_bytes(job["url"], accept=accept, max_bytes=job["most"] - 65536)
    except GaronneError as e:
        # the client's own advice is for operators
        e.hint = "Download the document and send it, or paste it."
        e.french_hint = "Téléchargez le document et envoyez-le, ou collez-le."
        raise
    return {"type": content_type[:200]}, body


def checked(job: dict[str, Any]) -> tuple[dict[str, Any], bytes]:
    """The report on the document; the head says whether it conforms and how many findings there are."""
    from shapes.engine import engine
    from shapes.finding import Severity
    from shapes.formats import render
    from shapes.provenance import Source
    from shapes.read import parsed
    from shapes.registry import Registry
    from shapes.validation import validated

    if job["confined"]:
        sandbox.confine()
    registry = Registry.beside(Path(job["store"]))
    profiles = [registry.profile(name) for name in job["profiles"]]
    document = parsed(sys.stdin.buffer.read(), name=job["name"], suffix=job["suffix"], base=job["base"])
    source = Source(document.name, document.sha256, document.size)
    report = validated(document.triples, [source], profiles, engine(job["engine"]), noise=job["noise"])
    counts = {s.value: report.count(s) for s in Severity}
    return {"conforms": report.conforms, **counts}, render(report, job["format"], job["lang"]).encode()


if __name__ == "__main__":
    sys.exit(main(json.loads(sys.argv[1])))
