"""What every room may use and what knows no library: text, errors, settings, words, clock, mailboxes."""
