"""Recognition of the data model of a tag, and its explanation."""
