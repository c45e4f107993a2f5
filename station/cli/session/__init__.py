"""Commands that start or attend a session: run, demo, sign-on, board, manual, sound."""
