"""Commands on readers: reader, emulate, harness."""
