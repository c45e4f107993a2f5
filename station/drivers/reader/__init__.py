"""Parts that every reader needs around its protocol: owner thread, measurement, limits of chips, badges."""
