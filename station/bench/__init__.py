"""Workflows and decisions at the bench, from scan to verdict. Plain objects that know ports and no adapters."""
