"""Names, cards, PINs: who works here and who may see whose work."""
