"""Items that leave the library: decide, wait for the library system, erase the tags, check the marks, and put them away."""
