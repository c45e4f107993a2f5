"""Workflows and decisions at the bench, from scan to verdict. Plain objects that depend on ports, never on adapters."""
