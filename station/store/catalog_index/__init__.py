"""The index of records by barcode: import, rebuild, live records."""
