"""Workflows of the bench, and their shared parts."""
