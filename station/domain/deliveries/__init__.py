"""Deliveries to library systems: what is intended, ordered, and answered."""
