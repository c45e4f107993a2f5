"""Receiving as a whole: random histories, kills at any statement, and a simulated year."""
