"""Check records and report what a cataloger should correct."""
