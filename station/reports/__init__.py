"""What people read about the work: statistics, sampling, the status board."""
