"""Proof of identity: who a person is, is the PIN right, which right they have, and what another person lends them."""
