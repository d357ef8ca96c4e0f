"""The HTTP service: SPARQL, the harvest feed, pages, health."""
