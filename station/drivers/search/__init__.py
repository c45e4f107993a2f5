"""Search for readers: determine which reader is at which port."""
