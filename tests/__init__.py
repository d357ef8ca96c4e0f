"""The tests of Garonne; they mirror the packages."""
