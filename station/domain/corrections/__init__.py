"""Corrections: their life as a state table, and their words."""
