"""Descriptions that come as RDF, or are first written as RDF: one closure a dataset, normalised to DCAT-AP 3."""
