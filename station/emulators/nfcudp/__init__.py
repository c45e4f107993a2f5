"""The peer of nfcpy's device "udp": ISO 14443 A tags that are reached by datagrams."""
