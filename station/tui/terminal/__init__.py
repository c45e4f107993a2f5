"""The terminal: orderly shutdown, clean crash reports, and the scanner's keys."""
