"""ISO 28560-4: UHF tags."""
