"""Commands for the installation: init, doctor, journal, the settings file."""
