"""Exact statistics: what the sampling plans, intervals and charts compute with. The only package with scipy."""
