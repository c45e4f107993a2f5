"""Backups of the data directory: made while the station works, checked, restored, kept by rules."""
