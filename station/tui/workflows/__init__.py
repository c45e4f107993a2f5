"""Screens of the workflows, one file each."""
