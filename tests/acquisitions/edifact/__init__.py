"""Tests of `station.acquisitions.edifact`."""
