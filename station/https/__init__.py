"""HTTPS servers on this machine: certificates, host names, accounts, and limits for every wait."""
