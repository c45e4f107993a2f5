"""Exact statistics for the sampling plans, intervals and charts. The only package that uses scipy."""
