"""Rules as data: read, refuse, explain; the rules that are shipped."""
