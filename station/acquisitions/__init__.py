"""Read vendors' files, and orders in MARC."""
