"""Derive a verdict from findings, and its consequences: corrections, waivers, second checks."""
