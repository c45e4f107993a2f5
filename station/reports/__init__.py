"""Reports as text: statistics, sampling, the status board."""
