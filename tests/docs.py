"""Writes the documentation pages that are made from the code: the settings, for one. `make docs` runs it."""

from __future__ import annotations

import copy
import csv
import inspect
import json
from pathlib import Path
from typing import Any

import click

from catalog import errors, plugins
from catalog.commands.root import Commands, cli
from catalog.errors import GaronneError
from catalog.settings_table import rows
from harvest.repair.rules import RULES
from tests.shapes.judges import everything

ROOT = Path(__file__).resolve().parents[1]
FOLDER = ROOT / "docs"


def settings_page() -> str:
    """docs/settings.md, from the settings table."""
    lines = [
        "# Settings",
        "",
        "Made from the code by `make docs`. A setting comes from a flag, else the environment, else `garonne.toml`,",
        "else its default. Paths are relative to the settings file. An unknown key is refused.",
        "`garonne init` writes a commented file; `garonne config show` says what is in force and where it comes from.",
    ]
    table = ""
    for row in rows():
        if row.table != table:
            table = row.table
            title = f"[[{table}]]" if table in {"source", "agent"} else f"[{table}]"
            lines += [
                "",
                f"## `{title}`",
                "",
                "| key | type | default | environment | meaning |",
                "|---|---|---|---|---|",
            ]
        env = f"`{row.env}`" if row.env else ""
        lines.append(f"| `{row.name}` | {row.type} | {_default(row.default)} | {env} | {row.help} |")
    return "\n".join(lines) + "\n"


def _default(value: Any) -> str:
    if value is None or value == "":
        return "none"
    if isinstance(value, Path):
        return f"`{value}`"
    return f"`{json.dumps(value, ensure_ascii=False)}`"


def commands_page() -> str:
    """docs/commands.md, from the commands' own help."""
    lines = [
        "# Commands",
        "",
        "Made from the code by `make docs`. Results go to standard output, everything else to standard error.",
        "",
        "Exit codes: 0 done and conforming · 1 done with findings, or some records or sources failed · 2 wrong use or",
        "wrong settings · 3 could not do it (unreachable, locked, damaged, disk full) · 130 interrupted.",
        "",
        *_usage(cli, "garonne"),
    ]
    context = click.Context(cli)
    for name in plugins.installed(plugins.COMMANDS):
        command = cli.get_command(context, name)
        assert command is not None
        lines += _pages(command, f"garonne {name}")
    return "\n".join(lines) + "\n"


def _pages(command: click.Command, path: str) -> list[str]:
    lines = ["", f"## `{path}`", "", *_usage(command, path)]
    if isinstance(command, click.Group) and not isinstance(command, Commands):
        for name, inner in sorted(command.commands.items()):
            lines += _pages(inner, f"{path} {name}")
    return lines


def _usage(command: click.Command, path: str) -> list[str]:
    """What the command's `--help` shows in the program; click keeps the option of whoever asked first: not here."""
    asked = copy.copy(command)
    asked._help_option = None
    names = cli.context_settings["help_option_names"]
    context = click.Context(
        asked, info_name=path, terminal_width=110, max_content_width=110, help_option_names=list(names)
    )
    text = asked.get_help(context)
    return ["```text", *(line.rstrip() for line in text.splitlines()), "```"]


def errors_page() -> str:
    """docs/errors.md, from the error tree."""
    lines = [
        "# Errors",
        "",
        "Made from the code by `make docs`. Every error says what happened, where, and what to do. Commands end with",
        "its exit code; the HTTP service answers its status as an RFC 9457 problem document, or as a page.",
        "",
        "| error | exit | HTTP | meaning |",
        "|---|---|---|---|",
    ]
    found = [c for _, c in inspect.getmembers(errors, inspect.isclass) if issubclass(c, GaronneError)]
    for cls in sorted(found, key=lambda c: ([b.__name__ for b in reversed(c.__mro__)], c.__name__)):
        first = (inspect.getdoc(cls) or "").split("\n\n")[0].replace("\n", " ")
        lines.append(f"| `{cls.__name__}` | {cls.exit_code} | {cls.status} | {first} |")
    return "\n".join(lines) + "\n"


def repairs_page() -> str:
    """docs/repairs.md, from the rules of repair."""
    lines = [
        "# Rules of repair",
        "",
        "Made from the code by `make docs`. What sources write wrongly is repaired by these rules and no others. The",
        "ledger of a record names the rule beside each value that it was applied to; `garonne sources coverage --json`",
        "counts them. What no rule repairs is reported as unmapped, with its reason.",
    ]
    for group, title in _GROUPS.items():
        lines += ["", f"## {title}", "", "| rule | what it does |", "|---|---|"]
        lines += [f"| `{r.name}` | {r.text.en.replace('|', '/')} |" for r in RULES.values() if r.group == group]
    return "\n".join(lines) + "\n"


_GROUPS = {
    "addresses": "Addresses and other IRIs",
    "dates": "Dates and periods",
    "texts": "Texts",
    "words": "Words of vocabularies, numbers, geometry",
    "statements": "Statements",
    "documents": "Documents",
}


COMPARED = {
    "mandatory": ("DCAT-AP 3.0.1 `shapes.ttl`, `range.ttl`", "`dcat-ap-3`", 10_000),
    "recommended": ("DCAT-AP 3.0.1 `shapes_recommended.ttl`, `deprecateduris.ttl`", "`dcat-ap-3-recommended`", 12_000),
    "vocabularies": ("DCAT-AP 3.0.1 `mdr-vocabularies.shape.ttl`", "`dcat-ap-3-vocabularies`", 2_400),
    "together": ("the five files above", "the three profiles above", 25_000),
    "generated": ("DCAT-AP 3.0.1 `dcat-ap-SHACL.ttl`, `ranges.ttl`", "`dcat-ap-3`", 10_000),
    "hvd": ("DCAT-AP HVD 3.0.0 `hvd-SHACL-base.ttl`, `hvd-SHACL-usagenotes.ttl`", "`hvd`", 4_000),
    "geodcat": ("GeoDCAT-AP 2.0.0 `geodcat-ap.shacl.ttl`", "`geodcat-ap-3`", 100),
}
"""What is compared with what, and how many faults both find at least."""

_SIDES = {
    "official": "Found by the official file alone",
    "ours": "Found by our profile alone",
    "severity": "Found by both, with another weight",
}


def judges_page() -> str:
    """The page docs/judges.md: where engines disagree, and who is right."""
    lines = [
        "# Judges: where SHACL engines disagree",
        "",
        "Made from `tests/shapes/judges/disagreements.csv` by `make docs`. The tests hold our engine against",
        "pySHACL with all official and national shapes, on made, real and mutated metadata, and with random shapes;",
        "against the W3C suites; and `make bench` against TopBraid SHACL. Every result is compared: focus node, path,",
        "component, source shape, value, severity. Where they differ the specification decides.",
        "",
        "| Case | Differs | Right | By | Why |",
        "|---|---|---|---|---|",
    ]
    for one in everything():
        lines.append(f"| {one.case} | {one.engine} | {one.right} | {one.clause} | {one.why} |")
    lines += [
        "",
        "What TopBraid and ours make of all these shapes and of real feeds is in [benchmarks](benchmarks.md).",
    ]
    return "\n".join(lines) + "\n"


def conformance_page() -> str:
    """docs/conformance.md, from the table of deliberate differences that the comparison is held to."""
    lines = [
        "# Conformance: our profiles and the official files",
        "",
        "Made from `tests/shapes/judges/differences.csv` by `make docs`. Each profile finds the same faults as the",
        "official file, but for the differences below. A test (`tests/shapes/test_conformance.py`) runs both over real",
        "DCAT feeds of cities, regions and states, over what the mapping makes of real OpenDataSoft records, over a",
        "generated catalogue with 36 kinds of injected defects, and over data that break every constraint of the",
        "official files in eight ways; for `hvd` also over the same with the regulation",
        "cited everywhere. It fails for a difference that no row explains, and for a row that explains none.",
        "",
        "A fault is a node, a property and whether the property is missing, there too often (`many`) or has a wrong",
        "value: which constraint says so, and how many do, differs from file to file. Both sides have the same",
        "background: the types and schemes of controlled terms, and the usual subclasses.",
        "",
        "| Comparison | Official files | Profile | Faults that both find, at least |",
        "|---|---|---|---:|",
        *(f"| {name} | {files} | {profiles} | {most:,} |" for name, (files, profiles, most) in COMPARED.items()),
        "",
        "GeoDCAT-AP 3.0.0 and DCAT-AP HVD 3.0.1 are compared with the files of the releases before.",
    ]
    with (ROOT / "tests" / "shapes" / "judges" / "differences.csv").open(encoding="utf-8", newline="") as stream:
        rows = list(csv.DictReader(stream))
    for side, title in _SIDES.items():
        lines += ["", f"## {title}", "", "| In | Where | Fault | Why | Reference |", "|---|---|---|---|---|"]
        lines += [_difference(row) for row in rows if row["side"] == side]
    return "\n".join(lines) + "\n"


def _difference(row: dict[str, str]) -> str:
    where = "everywhere" if row["paths"] == "*" else ", ".join(f"`{path}`" for path in row["paths"].split())
    classes = "" if row["classes"] == "*" else f" of {', '.join(row['classes'].split())}"
    fault = ", ".join(row["kinds"].split()) + (f", where {row['condition']}" if row["condition"] else "")
    told = (", ".join(row["pairs"].split()), where + classes, fault, row["reason"], row["reference"])
    return f"| {' | '.join(part.replace('|', chr(92) + '|') for part in told)} |"


PAGES = {
    "settings.md": settings_page,
    "commands.md": commands_page,
    "errors.md": errors_page,
    "repairs.md": repairs_page,
    "conformance.md": conformance_page,
    "judges.md": judges_page,
}


def main() -> None:
    """Writes every page."""
    for name, page in PAGES.items():
        (FOLDER / name).write_text(page(), encoding="utf-8")


if __name__ == "__main__":
    main()
