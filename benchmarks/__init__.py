"""Benchmarks: speed as ratios measured in one run, against minima counted by hand from the standards."""
