"""Shared parts of emulated readers: line, control socket, options, scenarios."""
