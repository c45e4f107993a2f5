"""Receive: count copies at the open carton."""
