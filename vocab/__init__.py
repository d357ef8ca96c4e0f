"""Namespaces and controlled vocabularies: the lowest layer, which knows no other."""
