"""Transfers to another library or location, and new call numbers."""
