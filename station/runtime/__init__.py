"""Turn settings into a running station: composition root, lock on the data directory, control socket."""
