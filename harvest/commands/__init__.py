"""The commands of harvesting."""
