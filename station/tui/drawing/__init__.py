"""Values to cells: snapshots, verdicts, checks, letters."""
