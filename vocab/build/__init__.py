"""Builds the tables of controlled vocabularies from published copies of them: `python -m vocab.build DIRECTORY`.

Kept so that a table can be made again when a newer copy of its source is at hand; nothing at run time imports it.
"""
