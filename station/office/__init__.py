"""Desk work in a browser: pages over journals and catalog."""
