"""Recognize which data model a tag holds, and explain it."""
