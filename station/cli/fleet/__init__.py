"""`station fleet`: several benches with one center."""
