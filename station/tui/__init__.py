"""Touch screens of the operator (Textual): render snapshots, send commands."""
