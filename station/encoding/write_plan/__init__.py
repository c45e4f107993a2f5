"""Plan the writes that change a tag, and verify them."""
