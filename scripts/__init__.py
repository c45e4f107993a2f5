"""Development scripts: the sample catalog, pictures, and reference pages."""
