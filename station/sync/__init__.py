"""Library systems: HTTP client, courier of the outbox, Ex Libris Alma, SIP2, results in a file."""
