"""Labels and slips on paper: ZPL and PDF, to a directory, a CUPS queue or a device file."""
