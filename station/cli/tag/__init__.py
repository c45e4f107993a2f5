"""Commands on tags: `station tag`."""
