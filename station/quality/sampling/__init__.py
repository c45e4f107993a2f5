"""Selection of confirmations to ask a person for: plans, draws, switching. Pure: numbers, seeds and states in,
decisions out."""
