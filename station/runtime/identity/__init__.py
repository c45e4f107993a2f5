"""Proof of identity: identify people, check PINs and rights, and lend rights."""
