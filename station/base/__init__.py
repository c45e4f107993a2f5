"""Tools for every room, not specific to libraries: text, errors, settings, words, clock, mailboxes."""
