"""PostgreSQL, for the center of several benches: connections and migrations."""
