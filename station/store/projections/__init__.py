"""Tables that are computed from the journal."""
