"""Facts of the work, and the commands, snapshots and ports by which rooms speak. No I/O, no clock."""
