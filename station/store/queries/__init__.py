"""Questions to the journal and its projections."""
