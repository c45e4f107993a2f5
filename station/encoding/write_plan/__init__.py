"""Planning of the writes that change a tag, and their verification."""
