"""Boxes: pack items for the sites, and receive them there."""
