"""Open Archives Initiative Protocol for Metadata Harvesting, version 2.0: its answers."""
