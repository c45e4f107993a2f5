"""Pages and forms of items that leave the library."""
