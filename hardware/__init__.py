"""Files for the bench's hardware; a package only so that pytest finds `harness`."""
