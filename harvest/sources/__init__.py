"""One module a kind of source."""
