"""Deliveries to library systems: intents, orders and answers."""
