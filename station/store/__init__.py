"""The store: SQLite owner thread, migrations, journal with hash chain, outbox, queries, and the catalog index."""
