"""Screens over the workflow: journal, outbox, corrections, manual, sign-on, settings of the screen."""
