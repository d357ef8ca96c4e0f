"""Measures against the yardsticks, and writes what was measured into docs/benchmarks.md.

python -m tests.bench [SECTION…] [--sizes 10000,100000] [--no-write]

Without a section, all of them. Only the text between a section's marks is replaced.
"""

from __future__ import annotations

import argparse
import importlib
import pkgutil
from types import ModuleType

import tests.bench
from tests.bench import page
from tests.bench.machine import ROOT

PAGE = ROOT / "docs/benchmarks.md"


def main() -> None:
    """Runs the sections named and writes each as soon as it is measured."""
    found = sections()
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("section", nargs="*", metavar="SECTION", help=f"one of {', '.join(found)}; all when none")
    parser.add_argument("--no-write", action="store_true", help="print only")
    for module in found.values():
        if hasattr(module, "options"):
            module.options(parser)
    args = parser.parse_args()
    unknown = [name for name in args.section if name not in found]
    if unknown:
        parser.error(f"no section `{unknown[0]}`; there are {', '.join(found)}")
    for name in args.section or found:
        written = PAGE.read_text(encoding="utf-8") if PAGE.exists() else page.EMPTY
        body = found[name].measure(args, page.section(written, name))
        print(f"## {found[name].TITLE}\n\n{body}\n", flush=True)
        if not args.no_write:
            now = PAGE.read_text(encoding="utf-8") if PAGE.exists() else page.EMPTY  # hours may have passed
            PAGE.write_text(page.replace(now, name, found[name].TITLE, body), encoding="utf-8")


def sections() -> dict[str, ModuleType]:
    """The modules of this package that measure something, by name."""
    modules = {
        info.name: importlib.import_module(f"tests.bench.{info.name}")
        for info in pkgutil.iter_modules(tests.bench.__path__)
        if info.name != "__main__"
    }
    return {name: module for name, module in modules.items() if hasattr(module, "measure")}


if __name__ == "__main__":
    main()
