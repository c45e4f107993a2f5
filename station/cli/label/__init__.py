"""Commands on labels: `station label`."""
