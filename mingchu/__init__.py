"""Mingchu starts: the command line, settings, the supervisor, the embedded database and broker."""
