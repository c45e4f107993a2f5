"""Ex Libris Alma as a library system."""
