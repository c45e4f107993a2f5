"""One process holds the station: the lock on its data directory, and the socket through which others ask it."""
