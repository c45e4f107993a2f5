"""The office over all benches, at their center: the pages of a bench, read only."""
