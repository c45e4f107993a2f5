"""Deliver the outbox: lanes, back-off, shared quota, rate limits."""
