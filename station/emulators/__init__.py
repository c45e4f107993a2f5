"""Emulated readers, tags and library systems. They use the standard library and import nothing else of the station."""
