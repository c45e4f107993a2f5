"""Workflows of the bench other than processing, and what they share."""
