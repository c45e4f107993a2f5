"""Read and write tag dumps, in this station's format and those of other tools."""
