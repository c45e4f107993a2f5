"""The terminal: its orderly end, a crash shown cleanly, the scanner's keys."""
