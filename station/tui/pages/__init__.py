"""Screens over a workflow: journal, outbox, corrections, manual, sign-on, display settings."""
