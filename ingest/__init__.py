"""Broker to database: parse, authorise, normalise, write, acknowledge; device profiles as data."""
