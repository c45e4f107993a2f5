"""Emulated tags and the field they lie in."""
