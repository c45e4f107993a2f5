"""Workflows without the screen: process, convert, stack, sets, release, inspect, withdraw."""
