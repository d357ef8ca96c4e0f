"""Tests of harvest.iso."""
