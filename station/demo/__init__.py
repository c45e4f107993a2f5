"""Demo bench: emulated reader, tags and library system in separate processes, and scripts that operate them."""
