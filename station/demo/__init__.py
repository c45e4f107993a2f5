"""The imaginary bench: emulated reader, tags and library system as processes of their own, and hands to play with them."""
