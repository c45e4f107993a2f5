"""From findings to a verdict, and what follows: corrections, waivers, second checks."""
