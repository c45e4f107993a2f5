"""ISO 28560-3: fixed-length encoding, with the Danish and Finnish data models."""
