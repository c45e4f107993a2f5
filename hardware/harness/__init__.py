"""The contract of a reader on every target: see README.md beside this file."""
