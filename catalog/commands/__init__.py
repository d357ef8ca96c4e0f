"""The command `garonne` and the commands of the catalogue."""
