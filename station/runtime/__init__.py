"""From settings to a running station: the composition root, the lock, the control socket."""
