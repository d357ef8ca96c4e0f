"""Kills the pipeline and the service at random points, and checks after each kill what the catalogue promises.

`python -m tests.faults --kills 200` prints what was killed where, and what it found.
"""
