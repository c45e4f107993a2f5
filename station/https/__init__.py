"""HTTPS servers: certificates, host names, accounts, limits."""
