"""The measurements behind docs/benchmarks.md; `make bench` runs them all.

Each module of this package that has a `TITLE` and a `measure` is one section of the page, named after the module:

    TITLE = "Harvest"                       # the heading, when the page has no such section yet
    def options(parser) -> None             # optional: its own `--flags`, on the one parser all sections share
    def measure(args, kept: str) -> str     # runs; returns the Markdown between the section's marks

`kept` is what stands between the marks now, so that a section may measure a part of its rows and keep the others
(`page.merge_rows`). What people write outside the marks stays.
"""
