"""Write the reference pages in docs/ from the code: `python -m scripts.reference.pages docs`."""
