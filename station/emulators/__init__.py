"""Strangers that stand in for readers, tags and library systems: standard library only, nothing of station imported."""
