"""Control socket: requests of other processes to the running station (JSON lines over a Unix socket)."""
