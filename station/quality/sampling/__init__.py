"""Which human confirmations to ask for: plans, draws, switching. Pure: numbers, seeds and states in, decisions out."""
