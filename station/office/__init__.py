"""Desk work in a browser: pages over journal and catalog."""
