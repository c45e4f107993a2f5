"""Workers as values: roles and rights, sign-on, the call for staff."""
