"""Hostile text: one corpus, tested on every screen, in every export and in every log."""
