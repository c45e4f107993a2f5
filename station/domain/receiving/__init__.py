"""Receiving as values: vendors, the count at the open carton, and differences until they end."""
