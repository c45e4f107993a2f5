"""Vendors' packing lists as values, and what a replacement of a list changes."""
