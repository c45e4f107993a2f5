"""Queries of the journal and its projections."""
