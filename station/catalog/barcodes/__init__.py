"""Barcodes: symbologies, check digits, prefixes, and lists of barcodes."""
