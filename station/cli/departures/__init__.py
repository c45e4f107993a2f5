"""Commands on items that leave the library."""
