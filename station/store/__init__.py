"""Storage in SQLite: journal with hash chain, outbox, projections, queries, people, catalog index."""
