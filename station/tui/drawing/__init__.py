"""Drawing: turn snapshots, verdicts, checks and letters into terminal cells."""
