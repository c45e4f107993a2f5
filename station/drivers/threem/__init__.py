"""3M / Bibliotheca staff workstation readers (810, 210), whose frames begin with D6."""
