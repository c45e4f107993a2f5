"""Migration of content from one data model to another."""
