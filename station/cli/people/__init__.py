"""Commands on people: workers, PINs, cards."""
