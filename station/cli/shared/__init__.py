"""Code shared by the commands: options, exit codes, output, progress, identity."""
