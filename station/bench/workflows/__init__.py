"""The workflows of the bench beside processing, one folder each, and what they share."""
