"""Rules as data: read, validate, explain; and the shipped rules."""
