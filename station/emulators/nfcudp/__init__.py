"""The peer of nfcpy's device "udp": a tag of ISO 14443 A that is asked by datagrams."""
