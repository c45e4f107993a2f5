"""What commands share: options, exit codes, output, progress, who asks."""
