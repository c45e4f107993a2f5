"""Emulated library systems: Alma, SIP2, Voyager."""
