"""Commands on quality: rules, corrections, sampling, statistics."""
