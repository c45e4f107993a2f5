"""3M / Bibliotheca staff workstation readers (810, 210): the protocol whose frames begin with D6."""
