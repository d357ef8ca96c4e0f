"""Tests of harvest.csw."""
