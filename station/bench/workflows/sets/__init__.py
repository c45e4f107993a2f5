"""Process an item with several parts."""
