"""The tag doctor: find out what is wrong with a tag."""
