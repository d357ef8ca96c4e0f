"""Open Archives Initiative Protocol for Metadata Harvesting, version 2.0: the repository that `/oai` is."""
