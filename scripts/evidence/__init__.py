"""Measurements on genuine records: what the rules, labels and orderings say of them, beside what a cataloger says."""
