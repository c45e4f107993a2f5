"""Control socket: other processes ask the running station (JSON lines over a Unix socket)."""
