"""What emulated readers share: line, control socket, options, scenarios."""
