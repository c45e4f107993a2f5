"""Commands on library systems: library, outbox, sync, web."""
