"""Convert a collection: sessions of many items, and stacks of finished items checked together."""
