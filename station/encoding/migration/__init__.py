"""Migrate content from one data model to another."""
