"""The aggregator simulator: what a harvester will make of the published feed, by that harvester's own reading rules.

A reader (`udata`, `ckan`, `piveau`) is small functions over one page's graph; what it drops, skips or fails on is a
rule of `rules/*.toml`, with its sentence in both languages, the repair, and the code that decides it.
"""
