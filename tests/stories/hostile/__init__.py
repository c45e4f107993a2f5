"""Hostile text: one corpus, and the tests that hold it against every screen, export and log."""
