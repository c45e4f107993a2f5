"""Dumps of tags: read and write the formats of this station and of other tools."""
