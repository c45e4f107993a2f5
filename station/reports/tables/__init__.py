"""Lists as values: page, download and `--json` are made from the same table."""
