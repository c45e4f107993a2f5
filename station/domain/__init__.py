"""Facts of the work, and the commands, snapshots and ports by which rooms communicate. No I/O, no clock."""
