"""Withdrawals: what leaves the library, with a proof for each layer."""
