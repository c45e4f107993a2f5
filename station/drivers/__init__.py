"""Readers: transport, exchange, session, and one folder a reader protocol (frame, commands, protocol, reader)."""
