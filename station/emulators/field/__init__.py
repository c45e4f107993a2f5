"""Emulated tags and the radio field."""
