"""Several benches, one center."""
