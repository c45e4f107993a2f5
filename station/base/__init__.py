"""Tools for every room, independent of libraries: text, errors, settings, words, clock, mailboxes."""
