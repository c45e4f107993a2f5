"""HTTPS service for Alma's page in the operator's browser."""
