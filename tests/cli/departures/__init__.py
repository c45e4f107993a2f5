"""`station withdraw` and `station transfers`."""
