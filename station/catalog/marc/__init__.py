"""Read MARC 21 from ISO 2709, MARCXML, and MARC-in-JSON, with MARC-8 and UTF-8."""
