"""SQLite: connections, migrations, decoding of rows."""
