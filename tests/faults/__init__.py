"""Kills the pipeline and the service at random points, and what keeps a catalogue; checks after each what is promised.

`python -m tests.faults --kills 200 --keeping 100` prints what was killed where, and what it found.
"""
