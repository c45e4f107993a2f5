"""The journal with its hash chain, and the outbox."""
