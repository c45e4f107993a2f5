"""The tag doctor: diagnose what is wrong with a tag."""
