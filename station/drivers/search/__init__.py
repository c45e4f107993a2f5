"""Find out which reader is at which port."""
