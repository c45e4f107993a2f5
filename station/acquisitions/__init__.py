"""Packing lists of vendors and purchase orders in records."""
