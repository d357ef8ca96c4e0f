"""Takedowns, piece by piece; with sources, services and commands: `tests.harvest.test_takedown`."""
